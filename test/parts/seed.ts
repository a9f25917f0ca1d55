/** The seed of this run: another one with SEED=<number>. Tests name it, so that a failure can be repeated. */
export const seed = Number(process.env['SEED'] ?? 20_261_124)

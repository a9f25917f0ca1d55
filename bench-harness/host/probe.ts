/** What a machine says about itself before anything is put on it. */
export interface Probe {
  /** `uname -s` and `uname -m` in Node's words, as `linux` and `x64`. */
  readonly system: string
  readonly arch: string
  readonly libc: 'glibc' | 'musl' | 'other'
  readonly cores: number | undefined
  readonly descriptorsMax: number | undefined
  readonly folder: string
  readonly diskFreeBytes: number | undefined
  readonly hasBundle: boolean
  readonly hasNode: boolean
  /** Each Node that was found, in the order in which they were looked for; the last one may be new enough. */
  readonly nodes: readonly { readonly version: string; readonly path: string }[]
}

const archs: Readonly<Record<string, string>> = {
  x86_64: 'x64',
  amd64: 'x64',
  aarch64: 'arm64',
  arm64: 'arm64',
  armv7l: 'arm',
  ppc64le: 'ppc64',
  s390x: 's390x',
  riscv64: 'riscv64',
}

/** The oldest Node that the worker's program runs on. */
export const nodeMajorMin = 22

/** Reads the lines that the script says before `probed`, without their mark. */
export function parseProbe(lines: readonly string[]): Probe {
  const of = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
  const count = (text: string | undefined): number | undefined =>
    /^\d+$/.test(text ?? '') ? Number(text) : undefined
  const [system = '', machine = ''] = of('system')[0]?.split(' ') ?? []
  const libc = of('libc')[0] ?? ''
  const disk = count(of('disk')[0])
  const has = of('has')
  return {
    system: system.toLowerCase(),
    arch: archs[machine] ?? machine,
    libc: /^glibc|gnu libc/i.test(libc) ? 'glibc' : /musl/i.test(libc) ? 'musl' : 'other',
    cores: count(of('cores')[0]),
    descriptorsMax: count(of('files')[0]),
    folder: of('folder')[0] ?? '',
    diskFreeBytes: disk === undefined ? undefined : disk * 1_024,
    hasBundle: has.includes('bundle'),
    hasNode: has.includes('node'),
    nodes: of('node').map((text) => {
      const space = text.indexOf(' ')
      return { version: text.slice(0, space), path: text.slice(space + 1) }
    }),
  }
}

export function hasNewNode({ nodes }: Probe): boolean {
  return nodes.some(({ version }) => Number(/^v(\d+)\./.exec(version)?.[1]) >= nodeMajorMin)
}

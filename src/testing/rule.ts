/**
 * One numbered promise, as data, so that no test runner is imposed on those who keep it. `check` rejects when the subject
 * breaks the rule.
 *
 *     for (const rule of storageContract) test(`[${rule.id}] ${rule.says}`, () => rule.check(subject))
 */
export interface Rule<Subject> {
  readonly id: string
  /** The promise in one sentence, as the documents have it. */
  readonly says: string
  check(subject: Subject): Promise<void>
}

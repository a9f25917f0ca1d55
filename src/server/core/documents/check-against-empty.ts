import type { Checked, CheckRequest, DocumentEngine } from '../yjs/document-engine.ts'

/**
 * Checks an update against an empty document, which is not kept: so what is to be replaced by it is
 * only deleted when the update can be written.
 */
export async function checkAgainstEmpty(
  engine: DocumentEngine,
  document: string,
  request: CheckRequest,
): Promise<Checked> {
  // No document has a name with this character.
  const name = `${document}\u0000empty`
  await engine.load(name, { owners: new Map(), parts: [], updates: [] })
  try {
    return await engine.check(name, request)
  } finally {
    engine.release(name)
  }
}

/**
 * Why content cannot be read or written:
 *
 * BAD_JSON: what was sent is not JSON.
 * BAD_CONTENT: the sent content has the wrong shape.
 * UNSUPPORTED_CONTENT: the document has content that the requested format cannot express.
 * LOSES_CONTENT: writing would remove content that the sent format cannot express.
 */
export type ContentFault = 'BAD_JSON' | 'BAD_CONTENT' | 'UNSUPPORTED_CONTENT' | 'LOSES_CONTENT'

/** A refusal during conversion. The caller of the conversion catches it. */
export class ContentError extends Error {
  readonly fault: ContentFault

  constructor(fault: ContentFault, message: string) {
    super(message)
    this.name = 'ContentError'
    this.fault = fault
  }
}

/**
 * Why content is not read or written:
 *
 * BAD_JSON: what was sent is not JSON.
 * BAD_CONTENT: what was sent has not the form it should have.
 * UNSUPPORTED_CONTENT: the document holds something that the asked form cannot express.
 * LOSES_CONTENT: writing it would remove something that the sent form cannot express.
 */
export type ContentFault = 'BAD_JSON' | 'BAD_CONTENT' | 'UNSUPPORTED_CONTENT' | 'LOSES_CONTENT'

/** A refusal while content is converted. Caught where the conversion was asked for. */
export class ContentError extends Error {
  readonly fault: ContentFault

  constructor(fault: ContentFault, message: string) {
    super(message)
    this.name = 'ContentError'
    this.fault = fault
  }
}

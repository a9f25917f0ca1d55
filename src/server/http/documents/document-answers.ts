import type { ServerResponse } from 'node:http'
import type {
  DocumentAnswer,
  DocumentFault,
  DocumentRequest,
} from '../../link/document-messages.ts'
import { RequestRefused } from '../refusal.ts'
import { send, sendJson } from '../respond.ts'
import { etagOf } from './preconditions.ts'

/** Name of the result field in the answer, by kind of request. */
const doneNames: Readonly<Partial<Record<DocumentRequest['kind'], string>>> = {
  seed: 'seeded',
  restore: 'restored',
  delete: 'deleted',
  copy: 'copied',
}

const statusOf: Readonly<Record<DocumentFault, number>> = {
  BAD_UPDATE: 422,
  BAD_JSON: 400,
  GAP: 409,
  CLIENT_ID_TAKEN: 409,
  DOCUMENT_FULL: 413,
  READ_ONLY: 403,
  NOT_FOUND: 404,
  BAD_CONTENT: 422,
  UNSUPPORTED_CONTENT: 415,
  LOSES_CONTENT: 409,
  PRECONDITION_FAILED: 412,
  EXISTS: 409,
  DELETED: 410,
  UNAVAILABLE: 503,
}

const textTypes = { text: 'text/plain', markdown: 'text/markdown' } as const

/** Sends the core's answer as the response. Throws RequestRefused for a refusal. */
export function sendAnswer(
  response: ServerResponse,
  asked: DocumentRequest['kind'],
  answered: DocumentAnswer,
): void {
  if ('tag' in answered && answered.tag !== undefined) {
    response.setHeader('ETag', etagOf(answered.tag))
  }
  switch (answered.kind) {
    case 'json':
      return sendJson(response, 200, `${answered.text}\n`)
    case 'text':
      return send(response, 200, `${textTypes[answered.as]}; charset=utf-8`, answered.text)
    case 'bytes':
      return send(response, 200, 'application/octet-stream', answered.bytes)
    case 'outline':
      return sendJson(response, 200, textOf(answered.outline))
    case 'versions':
      return sendJson(response, 200, textOf({ versions: answered.versions }))
    case 'unchanged':
      response.writeHead(304, { 'Cache-Control': 'no-store' })
      response.end()
      return
    case 'done': {
      const { changed, corrected } = answered
      const done = { [doneNames[asked] ?? 'changed']: changed }
      return sendJson(
        response,
        200,
        textOf(corrected === undefined ? done : { ...done, corrected }),
      )
    }
    case 'refused':
      throw new RequestRefused(statusOf[answered.fault], answered.fault, answered.message)
    case 'opened':
    case 'saved':
    case 'page':
    case 'list':
      throw new Error(`a request was answered with ${answered.kind}`)
    default:
      return answered satisfies never
  }
}

function textOf(value: object): string {
  return `${JSON.stringify(value)}\n`
}

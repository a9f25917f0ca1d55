/**
 * The entry point `rusher/client/file`: keeps what a Node program published, over restarts.
 *
 *     import { connect } from 'rusher/client'
 *     import { fileStore } from 'rusher/client/file'
 *
 *     const store = fileStore('./data/outbox')
 *     const client = connect('http://127.0.0.1:8080', { user: { id: 'bot' }, store })
 *
 * @module
 */

import { createStore } from '../store/create-store.ts'
import type { Store } from '../store/store.ts'
import { FileDriver } from './file-driver.ts'

export type { Store } from '../store/store.ts'

/**
 * Makes a store in a folder, which is created. Each user of each server has a separate file. A
 * publish is on disk (fsync) before `flush` resolves, and survives `kill -9` as soon as it is
 * written. One process at a time uses the file of a user: a second one reports STORE_LOCKED and
 * continues without. The lock of a process that is gone is taken over.
 */
export function fileStore(folder: string): Store {
  return createStore(new FileDriver(folder))
}

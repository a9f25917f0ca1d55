import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { holdElements } from './elements.ts'

test('the text of an editor is distinguished from plain text, arrays and maps', () => {
  const plain = new Y.Doc()
  plain.getText('t').insert(0, 'plain')
  plain.getMap('m').set('list', new Y.Array())
  plain.getXmlFragment('x').push([new Y.XmlText('a')])
  const updates = [Y.encodeStateAsUpdate(plain)]
  expect(holdElements([])).toBe(false)
  expect(holdElements(updates)).toBe(false)
  const text = new Y.Doc()
  text.getXmlFragment('default').push([new Y.XmlElement('paragraph')])
  expect(holdElements([...updates, Y.encodeStateAsUpdate(text)])).toBe(true)
})

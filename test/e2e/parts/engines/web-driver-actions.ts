/**
 * Input as WebDriver describes it, which classic WebDriver and WebDriver BiDi share:
 * https://www.w3.org/TR/webdriver2/#actions
 */

/** Code points that stand for keys: https://www.w3.org/TR/webdriver2/#keyboard-actions */
const keyCodes: Readonly<Record<string, string>> = {
  Enter: '\uE007',
  Tab: '\uE004',
  Escape: '\uE00C',
  Shift: '\uE008',
  Control: '\uE009',
  End: '\uE010',
  Home: '\uE011',
}

/** The actions that press the keys of a text. */
export function typing(text: string): readonly object[] {
  return keyboard([...text].flatMap((value) => [down(value), up(value)]))
}

/** The actions that press keys together, such as `Control+End`. */
export function pressing(keys: string): readonly object[] {
  const values = keys.split('+').map((key) => keyCodes[key] ?? key)
  return keyboard([...values.map(down), ...values.toReversed().map(up)])
}

/** The actions that click at a place in the visible part of the page. */
export function clicking(x: number, y: number): readonly object[] {
  const at = { x: Math.round(x), y: Math.round(y), duration: 0, origin: 'viewport' }
  const actions = [
    { type: 'pointerMove', ...at },
    { type: 'pointerDown', button: 0 },
    { type: 'pointerUp', button: 0 },
  ]
  return [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }]
}

function keyboard(actions: readonly object[]): readonly object[] {
  return [{ type: 'key', id: 'keyboard', actions }]
}

function down(value: string): object {
  return { type: 'keyDown', value }
}

function up(value: string): object {
  return { type: 'keyUp', value }
}

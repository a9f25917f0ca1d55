/** Draws somebody's cursor: a line in their colour, with their name. Set by hand, so that no style stands in the markup. */
export function renderCaret(user: Record<string, unknown>): HTMLElement {
  const colour = colourOf(user['color'])
  const caret = document.createElement('span')
  caret.className = 'caret'
  caret.style.setProperty('--caret', colour)
  const label = document.createElement('span')
  label.className = 'caret-name'
  label.textContent = nameOf(user['name'])
  caret.append('\u2060', label, '\u2060')
  return caret
}

/** Draws what somebody has selected. */
export function renderSelection(user: Record<string, unknown>): Record<string, string> {
  return {
    nodeName: 'span',
    class: 'caret-selection',
    style: `--caret: ${colourOf(user['color'])}`,
  }
}

/** What others send is not to be trusted to be a colour. */
function colourOf(value: unknown): string {
  return typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value) ? value : '#545a72'
}

function nameOf(value: unknown): string {
  return typeof value === 'string' && value.trim() !== '' ? value.slice(0, 40) : 'Someone'
}

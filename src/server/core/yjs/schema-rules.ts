/** The allowed values of an attribute. Absent and null are always allowed. */
export type AttributeRule =
  | 'any'
  | 'string'
  | 'number'
  | 'boolean'
  /** A link target: a string, but not a URL that runs code, such as `javascript:`. */
  | 'link'
  /** A media source: a string, but not a URL of a page or of code. */
  | 'source'
  /** One CSS value, such as a color or a size, without further declarations or URLs. */
  | 'css'
  /** Column widths in pixels: an array of numbers and nulls. */
  | 'widths'
  /** An integer in this range; anything else becomes `or`. */
  | { readonly integer: readonly [min: number, max: number]; readonly or: number }
  | { readonly oneOf: readonly (string | number | boolean)[] }

/** The attributes of one kind of node or mark. */
export type AttributeRules = Readonly<Record<string, AttributeRule>>

/**
 * What ProseMirror documents may contain, in addition to the built-in checks. A node or mark named
 * here has exactly these attributes; others are removed.
 */
export interface DocumentSchema {
  readonly nodes?: Readonly<Record<string, AttributeRules>>
  readonly marks?: Readonly<Record<string, AttributeRules>>
}

/** What to do with a value. */
export type Verdict =
  | { readonly kind: 'sound' }
  | { readonly kind: 'replace'; readonly value: string | number | boolean }
  | { readonly kind: 'remove' }

const sound: Verdict = { kind: 'sound' }
const remove: Verdict = { kind: 'remove' }

const span: AttributeRule = { integer: [1, 1_000], or: 1 }
const count: AttributeRule = { integer: [-(2 ** 31), 2 ** 31], or: 1 }
const alignment: AttributeRule = {
  oneOf: ['left', 'right', 'center', 'justify', 'start', 'end', 'none'],
}

/**
 * Attributes with the same meaning in all ProseMirror editors: Tiptap, BlockNote, ProseMirror's own
 * packages.
 */
const knownAttributes: AttributeRules = {
  href: 'link',
  src: 'source',
  colspan: span,
  rowspan: { integer: [1, 65_534], or: 1 },
  colwidth: 'widths',
  start: count,
  order: count,
  checked: 'boolean',
  textAlign: alignment,
  textAlignment: alignment,
  align: alignment,
  alt: 'string',
  title: 'string',
  target: 'string',
  rel: 'string',
  class: 'string',
  style: 'string',
}

const knownNodes: Readonly<Record<string, AttributeRules>> = {
  heading: { level: { integer: [1, 6], or: 1 } },
}

const knownMarks: Readonly<Record<string, AttributeRules>> = {
  link: { href: 'link', target: 'string', rel: 'string', class: 'string', title: 'string' },
  textStyle: {
    color: 'css',
    backgroundColor: 'css',
    fontFamily: 'css',
    fontSize: 'css',
    lineHeight: 'css',
  },
  highlight: { color: 'css' },
}

/** The rules for attributes of nodes and marks. Configured rules override the built-in ones. */
export class SchemaRules {
  readonly #own: DocumentSchema

  constructor(own: DocumentSchema) {
    this.#own = own
  }

  /** Judges an attribute of a node. */
  judgeNode(node: string, attribute: string, value: unknown): Verdict {
    const own = ruleIn(this.#own.nodes, node)
    if (own !== undefined) return judgeOwn(own, attribute, value)
    if (isHandler(attribute)) return remove
    return judge(ruleIn(knownNodes[node], attribute) ?? knownOf(attribute), value)
  }

  /** Whether a mark is allowed. A forbidden mark is removed from its text; the text stays. */
  allowsMark(mark: string, attributes: unknown): boolean {
    const own = ruleIn(this.#own.marks, mark)
    const known = ruleIn(knownMarks, mark)
    if (own === undefined && known === undefined) return isHarmless(attributes, 0)
    if (!isRecord(attributes) || !isHarmless(attributes, 0)) return false
    if (own === undefined && mark === 'link' && !Object.hasOwn(attributes, 'href')) return false
    return Object.entries(attributes).every(
      ([name, value]) =>
        (own !== undefined
          ? judgeOwn(own, name, value)
          : judge(ruleIn(known, name) ?? 'any', value)
        ).kind === 'sound',
    )
  }
}

/** Whether a name is valid for a node, so that a browser accepts it as an element name. */
export function isNodeName(name: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_.:-]{0,127}$/u.test(name)
}

function ruleIn<Rule>(
  rules: Readonly<Record<string, Rule>> | undefined,
  name: string,
): Rule | undefined {
  return rules !== undefined && Object.hasOwn(rules, name) ? rules[name] : undefined
}

function knownOf(attribute: string): AttributeRule {
  return ruleIn(knownAttributes, attribute) ?? 'any'
}

function judgeOwn(rules: AttributeRules, attribute: string, value: unknown): Verdict {
  const rule = ruleIn(rules, attribute)
  return rule === undefined ? remove : judge(rule, value)
}

function judge(rule: AttributeRule, value: unknown): Verdict {
  if (value === null || value === undefined) return sound
  if (typeof rule === 'object') {
    if ('oneOf' in rule) return rule.oneOf.includes(value as string) ? sound : remove
    return judgeInteger(rule.integer, rule.or, value)
  }
  switch (rule) {
    case 'any':
      return isHarmless(value, 0) ? sound : remove
    case 'string':
      return typeof value === 'string' ? sound : remove
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? sound : remove
    case 'boolean':
      if (typeof value === 'boolean') return sound
      return { kind: 'replace', value: value === 'true' }
    case 'link':
      return typeof value === 'string' && !runsCode(value) ? sound : { kind: 'replace', value: '' }
    case 'source':
      return typeof value === 'string' && isSource(value) ? sound : { kind: 'replace', value: '' }
    case 'css':
      return (typeof value === 'string' && isCssValue(value)) || typeof value === 'number'
        ? sound
        : remove
    case 'widths':
      return isWidths(value) ? sound : remove
    default:
      return rule satisfies never
  }
}

function judgeInteger([min, max]: readonly [number, number], or: number, value: unknown): Verdict {
  const isWithin = (one: number): boolean => Number.isInteger(one) && one >= min && one <= max
  if (typeof value === 'number' && isWithin(value)) return sound
  // An editor that parses HTML may have stored digits as a string.
  const digits =
    typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : Number.NaN
  return { kind: 'replace', value: isWithin(digits) ? digits : or }
}

/** The scheme of a URL as browsers parse it, ignoring white space and control characters. */
function schemeOf(address: string): string {
  const head = [...address.slice(0, 256)].filter((char) => char > ' ' && char !== '\u007f').join('')
  return /^([a-z][a-z0-9+.-]*):/i.exec(head)?.[1]?.toLowerCase() ?? ''
}

function runsCode(address: string): boolean {
  return ['javascript', 'vbscript', 'data'].includes(schemeOf(address))
}

function isSource(address: string): boolean {
  const scheme = schemeOf(address)
  if (scheme !== 'data') return !runsCode(address)
  return /^\s*data:(?:image|audio|video|font)\//i.test(address)
}

function isCssValue(value: string): boolean {
  return value.length <= 256 && !/[;{}<>\\]|url\s*\(|expression\s*\(|@import/i.test(value)
}

const widthsMax = 1_000

function isWidths(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > widthsMax) return false
  return value.every((width) => {
    return width === null || (typeof width === 'number' && width >= 0 && width <= 100_000)
  })
}

const depthMax = 64

/**
 * Whether a value is plain data without `__proto__` keys, which could pollute prototypes in
 * readers.
 */
function isHarmless(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth > depthMax) return false
  if (Array.isArray(value)) return value.every((one) => isHarmless(one, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value instanceof Uint8Array
  return Object.entries(value).every(
    ([name, one]) => name !== '__proto__' && isHarmless(one, depth + 1),
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const handlers = new Set(
  (
    'abort animationend animationiteration animationstart auxclick beforeinput beforetoggle beforeunload ' +
    'blur cancel canplay canplaythrough change click close contextmenu copy cuechange cut dblclick drag ' +
    'dragend dragenter dragleave dragover dragstart drop durationchange emptied ended error focus focusin ' +
    'focusout formdata fullscreenchange gotpointercapture hashchange input invalid keydown keypress keyup ' +
    'load loadeddata loadedmetadata loadstart lostpointercapture message mousedown mouseenter mouseleave ' +
    'mousemove mouseout mouseover mouseup mousewheel offline online pagehide pageshow paste pause play ' +
    'playing pointercancel pointerdown pointerenter pointerleave pointermove pointerout pointerover ' +
    'pointerup popstate progress ratechange reset resize scroll scrollend search securitypolicyviolation ' +
    'seeked seeking select selectionchange selectstart slotchange stalled storage submit suspend ' +
    'timeupdate toggle touchcancel touchend touchmove touchstart transitioncancel transitionend ' +
    'transitionrun transitionstart unload volumechange waiting wheel'
  ).split(' '),
)

/** Whether an attribute is an HTML event handler. */
function isHandler(attribute: string): boolean {
  const name = attribute.toLowerCase()
  return name.startsWith('on') && handlers.has(name.slice(2))
}

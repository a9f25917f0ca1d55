/**
 * The subprotocol that a client offers with its upgrade when its first frame comes with it, and that the server takes up when it has read
 * that frame.
 */
export const subprotocol = 'rusher'

const earlyPrefix = `${subprotocol}.early.`
/** Proxies often take 8 KB of a request's head, and a browser has a good deal to say there. */
const earlyCharsMax = 4_096

/**
 * What a client offers as subprotocols so that its first frame comes with the upgrade (PROTOCOL.md, "The first frame"): `subprotocol`, and
 * the frame. Undefined where the frame is too long for that, or has half a surrogate pair.
 */
export function earlyProtocols(frame: string): readonly [string, string] | undefined {
  if (frame.length > earlyCharsMax) return undefined
  try {
    // A subprotocol is a token (RFC 9110 section 5.6.2), and of what is left unescaped only parentheses are none.
    const token = encodeURIComponent(frame).replaceAll('(', '%28').replaceAll(')', '%29')
    return token.length > earlyCharsMax ? undefined : [subprotocol, earlyPrefix + token]
  } catch {
    // It goes as a frame then, and the server says what is wrong with it.
    return undefined
  }
}

/** The frame that was offered with an upgrade whose `Sec-WebSocket-Protocol` this is; undefined where none was. */
export function earlyFrameOf(offered: string | undefined): string | undefined {
  if (offered === undefined) return undefined
  const protocols = offered.split(',').map((protocol) => protocol.trim())
  const early = protocols.find((protocol) => protocol.startsWith(earlyPrefix))
  if (early === undefined || !protocols.includes(subprotocol)) return undefined
  try {
    return decodeURIComponent(early.slice(earlyPrefix.length))
  } catch {
    // Not what `earlyProtocols` makes: it is not taken up, and its client may say the same again as a frame.
    return undefined
  }
}

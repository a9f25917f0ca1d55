const webAddress = /^(?:https?:\/\/|mailto:)[^\s]+$/i

/** Whether a link may lead there. Everything else, `javascript:` above all, runs in the reader's name. */
export function isWebAddress(address: unknown): boolean {
  return typeof address === 'string' && webAddress.test(address.trim())
}

/** Makes an address of what someone typed: `example.org` becomes `https://example.org`. Undefined where none can be made. */
export function toWebAddress(typed: string): string | undefined {
  const address = typed.trim()
  if (isWebAddress(address)) return address
  const guess =
    address.includes('@') && !address.includes('/') ? `mailto:${address}` : `https://${address}`
  const looksLikeOne = /^[^\s:]+\.[^\s:]+/.test(address) && isWebAddress(guess)
  return looksLikeOne ? guess : undefined
}

/** The address of a picture: of the web, or undefined. */
export function toPictureAddress(typed: string): string | undefined {
  const address = toWebAddress(typed)
  return address?.startsWith('http') === true ? address : undefined
}

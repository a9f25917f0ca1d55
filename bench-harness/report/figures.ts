/*
 * How figures are written for people: three digits say enough, thousands have a comma, and the unit stands behind.
 */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

export function countText(value: number): string {
  return whole.format(value)
}

export function msText(ms: number): string {
  return ms >= 999.5 ? `${three(ms / 1_000)} s` : `${three(ms)} ms`
}

export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let [size, unit] = [bytes, 0]
  while (Math.abs(size) >= 999.5 && unit < units.length - 1) {
    size /= 1_024
    unit += 1
  }
  return `${three(size)} ${units[unit]}`
}

export function shareText(share: number): string {
  const percent = share * 100
  // 99.96 % is not 100 %.
  const floored = percent > 99 && percent < 100 ? Math.floor(percent * 100) / 100 : percent
  return `${three(floored, percent > 99 ? 4 : 3)} %`
}

export function rateText(perSecond: number): string {
  return `${perSecond < 10 ? three(perSecond) : countText(perSecond)}/s`
}

/** `24 Nov 2026, 14:00:07 UTC`, of a time as `Date.toISOString` writes it. */
export function timeText(iso: string): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return iso
  const [, day, month, year, clock] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(time.toUTCString()) ?? []
  return `${Number(day)} ${month} ${year}, ${clock} UTC`
}

/** A length of time in whole seconds: `2 min 5 s`. */
export function secondsText(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`
}

/** One word and its number: `1 gap`, `0 gaps`. */
export function plural(count: number, word: string, many = `${word}s`): string {
  return `${countText(count)} ${count === 1 ? word : many}`
}

function three(value: number, digits = 3): string {
  if (Math.abs(value) >= 1_000) return countText(value)
  return String(Number(value.toPrecision(digits)))
}

/** The time of day in the user's form, with 12 or 24 hours. */
export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { timeStyle: 'short' })
}

/** Date and time in full, for a title. */
export function fullTime(at: number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'short' })
}

/** What a day is called above its messages. */
export function dayWords(at: number): string {
  const day = new Date(at)
  const today = new Date()
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1)
  if (day.toDateString() === today.toDateString()) return 'Today'
  if (day.toDateString() === yesterday.toDateString()) return 'Yesterday'
  const year = day.getFullYear() === today.getFullYear() ? undefined : 'numeric'
  return day.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long', year })
}

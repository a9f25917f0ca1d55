/** Reads one number of /metrics; 0 when it is not there. `name` with its labels, as it is printed. */
export async function metric(url: string, name: string): Promise<number> {
  const response = await fetch(`${url}/metrics`)
  const text = await response.text()
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1) ?? 0)
}

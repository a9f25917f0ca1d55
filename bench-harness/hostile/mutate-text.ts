/** A whole number from 0 to below the limit. */
export type Random = (limit: number) => number

const frames: readonly string[] = [
  '{"type":"publish","ref":1,"channel":"chat:a","id":"m-1","body":{"kind":"say","text":"hello"}}',
  '{"type":"publish","ref":2,"channel":"chat:a","id":"m-2","body":{"kind":"edit","offset":1,"text":"x"}}',
  '{"type":"publish","ref":2,"channel":"chat:a","id":"m-3","body":{"kind":"delete","offset":1,"last":2}}',
  '{"type":"signal","channel":"chat:a","body":{"kind":"typing","on":true}}',
  '{"type":"request","ref":3,"channel":"chat:a","body":{"kind":"read","offset":1}}',
  '{"type":"join","ref":4,"channels":[{"channel":"chat:a","presence":true,"latest":true}]}',
  '{"type":"join","ref":4,"channels":[{"channel":"chat:b","since":{"epoch":"e","offset":1}}]}',
  '{"type":"leave","ref":5,"channels":["chat:a","chat:b"]}',
  '{"type":"history","ref":6,"channel":"chat:a","before":9,"limit":5}',
  '{"type":"history","ref":7,"channel":"chat:a","after":0,"limit":100}',
  '{"type":"presence","ref":8,"channel":"chat:a"}',
  '{"type":"renew","ref":9,"token":"x"}',
  '[{"type":"ping","ref":10},{"type":"pong"},{"type":"ping","ref":11}]',
]

const values: readonly string[] = [
  'null',
  'true',
  '-1',
  '0',
  '1e400',
  '1.5',
  '9007199254740993',
  '""',
  '"\\ud800"',
  '"__proto__"',
  '[]',
  '{}',
  '{"__proto__":1}',
  '{"constructor":{"prototype":1}}',
  '[[[[[[]]]]]]',
  '"\\u0000"',
  `"${'y'.repeat(300)}"`,
]

/** A frame of the native protocol that is broken in one place, most of the time. */
export function mutateText(random: Random): string | Buffer {
  const frame = frames[random(frames.length)] ?? ''
  switch (random(6)) {
    case 0:
      return replaceValue(frame, random)
    case 1:
      return replaceValue(replaceValue(frame, random), random)
    case 2:
      return flipBytes(frame, random)
    case 3:
      return cut(frame, random)
    case 4:
      return dropField(frame, random)
    default:
      return random(10) === 0 ? Buffer.from(frame) : frame
  }
}

/** Puts another value in the place of one. */
function replaceValue(frame: string, random: Random): string {
  const places = [...frame.matchAll(/:("[^"]*"|[\d.]+|true|\{[^{}]*\}|\[[^[\]]*\])/g)]
  const place = places[random(Math.max(1, places.length))]
  if (place === undefined) return frame
  const start = place.index + 1
  const value = values[random(values.length)] ?? 'null'
  return frame.slice(0, start) + value + frame.slice(start + place[0].length - 1)
}

function dropField(frame: string, random: Random): string {
  const fields = [...frame.matchAll(/"[a-z]+":("[^"]*"|[\d.]+|true),?/g)]
  const field = fields[random(Math.max(1, fields.length))]
  if (field === undefined) return frame
  const rest = frame.slice(0, field.index) + frame.slice(field.index + field[0].length)
  return rest.replace(/,([}\]])/g, '$1')
}

/** Text frames must be UTF-8; what this makes of them often is not, or is no JSON. */
function flipBytes(frame: string, random: Random): string {
  const bytes = Buffer.from(frame)
  for (let count = 1 + random(3); count > 0; count -= 1) {
    bytes[random(bytes.length)] = random(256)
  }
  return bytes.toString('latin1')
}

function cut(frame: string, random: Random): string {
  const at = random(frame.length)
  return random(2) === 0 ? frame.slice(0, at) : frame.slice(at)
}

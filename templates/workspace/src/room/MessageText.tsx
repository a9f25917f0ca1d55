import { splitLinks } from './links.ts'

/** Text of others is text: nothing of it becomes markup but web addresses, which become links. */
export function MessageText({ text }: { text: string }) {
  return (
    <p className="text" dir="auto">
      {splitLinks(text).map(({ text, href }, index) =>
        href === undefined ? (
          text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place in the text.
          <a key={index} href={href} target="_blank" rel="noopener noreferrer">
            {text}
          </a>
        ),
      )}
    </p>
  )
}

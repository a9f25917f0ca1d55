import './MessageText.css'
import { memo, type ReactNode } from 'react'
import { nameOf } from '../people.ts'
import { Attachments } from './Attachments.tsx'
import { useConversation } from './conversation.ts'
import { attachmentsOf } from './links.ts'
import { type Block, type Inline, linksOf, parseMarkdown } from './markdown.ts'

/**
 * Renders a message's Markdown as React elements. Raw HTML is never rendered, and links lead only to
 * http, https and mailto addresses.
 */
export const MessageText = memo(function MessageText({ text }: { text: string }) {
  const blocks = parseMarkdown(text)
  return (
    <>
      <div className="text" dir="auto">
        {showBlocks(blocks)}
      </div>
      <Attachments attachments={attachmentsOf(linksOf(blocks))} />
    </>
  )
})

function showBlocks(blocks: readonly Block[]): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place in the text.
  return blocks.map((block, index) => <BlockView key={index} block={block} />)
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case 'paragraph':
      return <p>{showInlines(block.children)}</p>
    case 'code':
      return (
        <pre>
          <code>{block.text}</code>
        </pre>
      )
    case 'quote':
      return <blockquote>{showBlocks(block.children)}</blockquote>
    case 'list': {
      const items = block.items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place in the text.
        <li key={index}>{showBlocks(item)}</li>
      ))
      return block.start === undefined ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>
    }
  }
}

function showInlines(nodes: readonly Inline[]): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place in the text.
  return nodes.map((node, index) => <InlineView key={index} node={node} />)
}

function InlineView({ node }: { node: Inline }) {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'strong':
      return <strong>{showInlines(node.children)}</strong>
    case 'emphasis':
      return <em>{showInlines(node.children)}</em>
    case 'strike':
      return <del>{showInlines(node.children)}</del>
    case 'code':
      return <code>{node.text}</code>
    case 'link':
      return (
        <a href={node.href} target="_blank" rel="noopener noreferrer">
          {showInlines(node.children)}
        </a>
      )
    case 'mention':
      return <Mention id={node.id} name={node.name} />
  }
}

/** A mention, with the user's current name if it is known. */
function Mention({ id, name }: { id: string; name: string }) {
  const { me, people } = useConversation()
  const user = people.get(id)
  return (
    <bdi className={id === me.id ? 'mention mine' : 'mention'}>
      @{user === undefined ? name : nameOf(user)}
    </bdi>
  )
}

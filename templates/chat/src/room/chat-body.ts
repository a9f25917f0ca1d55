/** What travels in a chat channel: the commands of the chat app, and the events it makes of them. */
export type ChatBody =
  | {
      readonly kind: 'say'
      readonly text: string
      /** The offset of the message that this one answers. */
      readonly replyTo?: number
    }
  | {
      readonly kind: 'edit'
      readonly offset: number
      readonly last?: number
      readonly text: string
      /** When the message was said; the server adds it. */
      readonly saidAt?: number
      /** What the message answers; the server adds it. */
      readonly replyTo?: number
    }
  | { readonly kind: 'delete'; readonly offset: number; readonly last?: number }
  | {
      readonly kind: 'react'
      readonly offset: number
      readonly emoji: string
      readonly on: boolean
    }
  | { readonly kind: 'typing'; readonly on: boolean }
  | { readonly kind: 'read'; readonly offset: number }

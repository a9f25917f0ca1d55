import { Component, type ReactNode } from 'react'

interface ErrorBoundaryProps {
  /** What is known to be wrong with what it holds; undefined: nothing, show it. */
  readonly trouble?: unknown
  /** Called with what was thrown while it was shown or taken away. */
  readonly onError?: (error: unknown) => void
  /** Shown in its place. */
  readonly fallback: ReactNode
  readonly children: ReactNode
}

/** Keeps what goes wrong in one part of the page away from everything around it. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override componentDidCatch(error: unknown) {
    this.props.onError?.(error)
  }

  override componentDidUpdate({ trouble }: ErrorBoundaryProps) {
    // Somebody wants it to be tried again.
    if (trouble !== undefined && this.props.trouble === undefined) this.setState({ failed: false })
  }

  override render() {
    const { trouble, fallback, children } = this.props
    return this.state.failed || trouble !== undefined ? fallback : children
  }
}

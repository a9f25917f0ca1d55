import { Component, type ReactNode } from 'react'

interface ErrorBoundaryProps {
  /** A known error of the children; while it is set, the fallback is shown. */
  readonly trouble?: unknown
  /** Called with an error thrown while the children render or unmount. */
  readonly onError?: (error: unknown) => void
  /** Shown instead of the children after an error. */
  readonly fallback: ReactNode
  readonly children: ReactNode
}

/** Contains errors of its children and shows a fallback instead of them. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override componentDidCatch(error: unknown) {
    this.props.onError?.(error)
  }

  override componentDidUpdate({ trouble }: ErrorBoundaryProps) {
    // Clearing the error means: try again.
    if (trouble !== undefined && this.props.trouble === undefined) this.setState({ failed: false })
  }

  override render() {
    const { trouble, fallback, children } = this.props
    return this.state.failed || trouble !== undefined ? fallback : children
  }
}

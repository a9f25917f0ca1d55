interface SkipLinkProps {
  readonly to: string
  readonly children: string
}

/** The first stop of the Tab key: past the side bar. The address names the page, so it is a button. */
export function SkipLink({ to, children }: SkipLinkProps) {
  return (
    <button
      type="button"
      className="button skip-link"
      onClick={() => document.querySelector<HTMLElement>(to)?.focus()}
    >
      {children}
    </button>
  )
}

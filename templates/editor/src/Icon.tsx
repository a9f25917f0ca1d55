const shapes = {
  bars: 'M4 7h16M4 12h16M4 17h10',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6L6 18',
  send: 'M5 12h13M12 5.5l6.5 6.5-6.5 6.5',
  down: 'M12 5v13M5.5 12l6.5 6.5 6.5-6.5',
  pencil: 'M4.5 19.5l1-4.5L16 4.5a2.1 2.1 0 0 1 3 0l.5.5a2.1 2.1 0 0 1 0 3L9 18.5z',
  bin: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 12.5h9l1-12.5M10.5 11v5M13.5 11v5',
  reply: 'M9.5 6L4.5 11l5 5M4.5 11H14a5.5 5.5 0 0 1 5.5 5.5V18',
  smile: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM8.5 14a4 4 0 0 0 7 0M9.3 9.8v.1M14.7 9.8v.1',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 7.5V12l3 2M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z',
  alert: 'M12 8v5M12 16.2v.1M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z',
  page: 'M7 3.5h7l4 4v13H7zM14 3.5v4h4M10 12h5M10 15.5h5',
  history: 'M4.5 12a7.5 7.5 0 1 1 2.3 5.4M4.5 12V7.5M4.5 12H9M12 8v4.5l3 1.7',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z',
  undo: 'M8.5 5L4.5 9l4 4M4.5 9H14a5.5 5.5 0 0 1 0 11H9',
  redo: 'M15.5 5l4 4-4 4M19.5 9H10a5.5 5.5 0 0 0 0 11h5',
  bullets: 'M9.5 6.5h10M9.5 12h10M9.5 17.5h10M4.8 6.5h.1M4.8 12h.1M4.8 17.5h.1',
  numbers:
    'M10 6.5h10M10 12h10M10 17.5h10M4 5l1.5-.8V9M3.8 14.2c.3-1 2.2-1 2.2.2 0 1-2.2 1.6-2.2 2.9h2.4',
  quote: 'M5 7h4v5c0 2.5-1 4-3.5 5M14 7h4v5c0 2.5-1 4-3.5 5',
  code: 'M8.5 7L4 12l4.5 5M15.5 7L20 12l-4.5 5',
  'code-block': 'M4 5.5h16v13H4zM9.5 10l-2 2 2 2M14.5 10l2 2-2 2',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1',
  picture: 'M4 5.5h16v13H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15 8.5a1 1 0 1 0 .1 0z',
  table: 'M4 5.5h16v13H4zM4 10h16M4 14.3h16M9.5 5.5v13M15 5.5v13',
  line: 'M4 12h16',
  chat: 'M4.5 5.5h15v10.5H11l-4.5 3.5V16h-2z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  dots: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  search: 'M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l4.5 4.5',
  restore: 'M4.5 12a7.5 7.5 0 1 0 2.3-5.4M4.5 4.5v4h4',
  copy: 'M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4',
  open: 'M13 4.5h6.5V11M19.5 4.5L11 13M17 14v5.5H4.5V7H10',
  'row-above': 'M4.5 12h15v7.5h-15zM12 9V3.5M9.3 6.3h5.4',
  'row-below': 'M4.5 4.5h15V12h-15zM12 15v5.5M9.3 17.7h5.4',
  'column-before': 'M12 4.5h7.5v15H12zM9 12H3.5M6.3 9.3v5.4',
  'column-after': 'M4.5 4.5H12v15H4.5zM15 12h5.5M17.7 9.3v5.4',
  'header-row': 'M4.5 4.5h15v15h-15zM4.5 9.5h15M7.5 7h4',
  'delete-row': 'M4.5 8h15v8h-15zM9.8 9.8l4.4 4.4M14.2 9.8l-4.4 4.4',
  'delete-column': 'M8 4.5h8v15H8zM9.8 9.8l4.4 4.4M14.2 9.8l-4.4 4.4',
  unlink: 'M9 15l-1.3 1.3a3 3 0 0 1-4.2-4.2L6 9.6M15 9l1.3-1.3a3 3 0 0 1 4.2 4.2L18 14.4M4 4l16 16',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
}

/** A drawing beside words or an aria-label, which say the same. */
export function Icon({ name }: { name: keyof typeof shapes }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={shapes[name]} />
    </svg>
  )
}

export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" />
      <path d="M8 10.5h16M8 16h11M8 21.5h6" />
    </svg>
  )
}

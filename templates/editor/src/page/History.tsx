import './History.css'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Icon } from '../Icon.tsx'
import type { Me } from '../people.ts'
import { KeptCopies } from './copy/KeptCopies.tsx'
import { VersionPreview } from './VersionPreview.tsx'
import { listVersions, namesOf, restoreVersion, timeOf, type Version } from './versions.ts'

interface HistoryProps {
  readonly name: string
  readonly title: string
  readonly me: Me
  readonly mayRestore: boolean
  readonly onClose: () => void
}

/** Who wrote when, what was there then, and the way back. */
export function History({ name, title, me, mayRestore, onClose }: HistoryProps) {
  const [versions, setVersions] = useState<readonly Version[]>()
  const [problem, setProblem] = useState<string>()
  const [chosen, setChosen] = useState<Version>()
  const close = useRef<HTMLButtonElement>(null)

  const load = useCallback(() => {
    listVersions(name, me).then(setVersions, (error: Error) => setProblem(error.message))
  }, [name, me])
  useEffect(load, [load])
  useEffect(() => close.current?.focus(), [])

  const restore = (version: Version) =>
    restoreVersion(name, version.id, me).then(() => {
      setChosen(undefined)
      load()
    })
  return (
    <aside
      className="history"
      aria-label="History"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      <header>
        <h2>History</h2>
        <button
          ref={close}
          type="button"
          className="button icon-only"
          aria-label="Close the history"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      {problem !== undefined && <p className="history-empty">{problem}</p>}
      {versions?.length === 0 && (
        <p className="history-empty">Nothing was written here yet. What you write is kept here.</p>
      )}
      <ol>
        {versions?.map((version, index) => (
          <li key={version.id}>
            <button
              type="button"
              className="version"
              aria-current={chosen?.id === version.id}
              onClick={() => setChosen(version)}
            >
              <span className="version-time">
                {index === 0 ? 'Now' : timeOf(version, Date.now())}
              </span>
              <span className="version-people">{namesOf(version)}</span>
            </button>
          </li>
        ))}
      </ol>
      <KeptCopies name={name} title={title} />
      {chosen !== undefined && (
        <VersionPreview
          key={chosen.id}
          name={name}
          me={me}
          version={chosen}
          before={versions?.[versions.indexOf(chosen) + 1]}
          isNow={chosen.id === versions?.[0]?.id}
          onRestore={mayRestore ? restore : undefined}
          onClose={() => setChosen(undefined)}
        />
      )}
    </aside>
  )
}

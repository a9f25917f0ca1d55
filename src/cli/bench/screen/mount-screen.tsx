import { type Instance, render, renderToString } from 'ink'
import { LiveScreen } from './LiveScreen.tsx'
import type { Size } from './layout.ts'
import { Screen } from './Screen.tsx'
import type { ScreenModel } from './screen-model.ts'
import type { Shown } from './shown.ts'

/** Draws on the terminal's other screen from now on. */
export function mountScreen(
  model: ScreenModel,
  stdout: NodeJS.WriteStream,
  stdin: NodeJS.ReadStream,
): Instance {
  return render(<LiveScreen model={model} />, {
    stdout,
    stdin,
    exitOnCtrlC: false,
    alternateScreen: true,
    incrementalRendering: true,
    interactive: true,
    patchConsole: false,
  })
}

/** One frame as text, with the escapes of its colours. */
export function frameOf(shown: Shown, size: Size): string {
  return renderToString(<Screen shown={shown} size={size} />, { columns: size.columns })
}

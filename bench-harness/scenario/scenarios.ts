import { broadcast } from './broadcast.ts'
import { chat } from './chat.ts'
import { churn } from './churn.ts'
import { document } from './document.ts'
import { echo } from './echo.ts'
import { hold } from './hold.ts'
import { mostlyIdle } from './mostly-idle.ts'
import { presence } from './presence.ts'
import { restart } from './restart.ts'
import { rolling } from './rolling.ts'
import type { Scenario } from './scenario.ts'
import { script } from './script.ts'
import { seed2018Scenario } from './seed-2018.ts'
import { slowReaders } from './slow-readers.ts'
import { storm } from './storm.ts'

/** The scenarios that come with Rusher. */
export const scenarios: readonly Scenario[] = [
  hold,
  mostlyIdle,
  echo,
  chat,
  broadcast,
  document,
  presence,
  churn,
  storm,
  slowReaders,
  restart,
  rolling,
  seed2018Scenario,
  script,
]

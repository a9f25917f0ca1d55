import { grouped, memoryOf, memoryShare } from './capacity.ts'
import { advice, type Check, numberIn, type Subject, settings } from './check.ts'
import { connectionsOfWorkerMax, descriptorsKept } from './plan-ports.ts'

/** Files that the rest of a machine has open, generously. */
const filesOfOthers = 10_000
/** A share of the processors that something else may have before figures are noise. */
const loadShareMax = 0.5
const pressureMax = 20
/** Sources of time that cost a system call or a slow device at each look. */
const slowClocks = /^(?:hpet|acpi_pm|jiffies|refined-jiffies|pit)$/

const descriptors: Check = {
  id: 'open files of a process',
  sides: ['client', 'server'],
  look(subject) {
    const max = subject.descriptorsMax ?? subject.facts.descriptorsMax
    const each = perProcess(subject)
    const found = `hard limit ${grouped(max)}, ${grouped(subject.processes)} process${subject.processes === 1 ? '' : 'es'}`
    if (each === undefined || each + descriptorsKept <= max) return { level: 'ok', found }
    const enough = Math.ceil((subject.connections ?? 0) / Math.max(1, max - descriptorsKept))
    const fix =
      subject.side === 'client'
        ? `workers=${enough} in hosts.txt`
        : `${enough} processes, or start it with systemd-run --scope -p LimitNOFILE=1048576`
    return {
      level: 'bad',
      found,
      effect: `each needs ${grouped(each + descriptorsKept)}; the rest ends with EMFILE`,
      fix: advice(fix),
    }
  },
}

const processOpenMax: Check = {
  id: 'fs.nr_open',
  sides: ['client', 'server'],
  look(subject) {
    const max = numberIn(subject.facts, 'fs.nr_open')
    const each = perProcess(subject)
    if (max === undefined) return undefined
    if (each === undefined || each + descriptorsKept <= max)
      return { level: 'ok', found: grouped(max) }
    return {
      level: 'bad',
      found: grouped(max),
      effect: 'no process can have more open files, whatever its limit',
      fix: settings({ 'fs.nr_open': String(2 ** Math.ceil(Math.log2(each + descriptorsKept))) }),
    }
  },
}

const machineOpenMax: Check = {
  id: 'fs.file-max',
  sides: ['client', 'server'],
  look({ facts, connections, shared }) {
    const max = numberIn(facts, 'fs.file-max')
    if (max === undefined) return undefined
    const needed = (connections ?? 0) * (shared ? 2 : 1) + filesOfOthers
    const found = max > 1e15 ? 'no bound' : grouped(max)
    if (needed <= max) return { level: 'ok', found }
    return {
      level: 'bad',
      found,
      effect: `${grouped(needed)} are needed; the rest ends with ENFILE`,
      fix: settings({ 'fs.file-max': String(needed * 2) }),
    }
  },
}

const memory: Check = {
  id: 'free memory',
  sides: ['client', 'server'],
  look({ facts, connections, side, shared }) {
    const found = `${grouped(Math.round(facts.freeBytes / 1e6))} MB of ${grouped(Math.round(facts.memoryBytes / 1e6))} MB`
    const needed = (connections ?? 0) * memoryOf[shared ? 'both' : side]
    if (needed <= facts.freeBytes * memoryShare) return { level: 'ok', found }
    return {
      level: 'bad',
      found,
      effect: `about ${grouped(Math.round(needed / 1e6))} MB are needed`,
      fix: advice(side === 'client' ? 'more hosts' : 'a machine with more memory'),
    }
  },
}

const processors: Check = {
  id: 'processors',
  sides: ['client'],
  look({ facts, processes, shared, connections = 0 }) {
    const found = `${facts.cores} for ${processes} worker${processes === 1 ? '' : 's'}`
    if (connections / processes > connectionsOfWorkerMax)
      return {
        level: 'warn',
        found,
        effect: `more than ${grouped(connectionsOfWorkerMax)} connections each: their heaps are what is measured`,
        fix: advice(`workers=${Math.ceil(connections / connectionsOfWorkerMax)} in hosts.txt`),
      }
    if (shared)
      return {
        level: 'warn',
        found,
        effect: 'the server is on this machine too: they take time from each other',
        fix: advice('clients on other machines: --clients hosts.txt'),
      }
    if (processes < facts.cores || facts.cores === 1) return { level: 'ok', found }
    return {
      level: 'warn',
      found,
      effect: 'no processor is left for the kernel and for ssh',
      fix: advice(`workers=${Math.max(1, facts.cores - 1)} in hosts.txt, if that is enough`),
    }
  },
}

const noise: Check = {
  id: 'other load',
  sides: ['client', 'server'],
  look({ facts }) {
    const { loadAverage, cores, pressure } = facts
    const found = `load ${loadAverage.toFixed(2)}${pressure === undefined ? '' : `, something waits ${Math.round(pressure)} % of the time`}`
    const fix = advice('end what else runs there')
    if ((pressure ?? 0) > pressureMax)
      return {
        level: 'warn',
        found,
        effect: 'seconds will be noisy: latencies may be its own',
        fix,
      }
    if (loadAverage / cores <= loadShareMax) return { level: 'ok', found }
    return { level: 'warn', found, effect: 'something else uses the processors', fix }
  },
}

const clock: Check = {
  id: 'source of time',
  sides: ['client', 'server'],
  look({ facts: { clockSource } }) {
    if (clockSource === undefined) return undefined
    if (!slowClocks.test(clockSource)) return { level: 'ok', found: clockSource }
    return {
      level: 'warn',
      found: clockSource,
      effect: 'each look at the time is slow, and there are many',
      fix: advice('another clock source of the hypervisor, if it has one'),
    }
  },
}

const overcommit: Check = {
  id: 'vm.overcommit_memory',
  sides: ['client', 'server'],
  look({ facts }) {
    const mode = numberIn(facts, 'vm.overcommit_memory')
    if (mode === undefined) return undefined
    if (mode !== 2) return { level: 'ok', found: String(mode) }
    return {
      level: 'warn',
      found: '2, never more than there is',
      effect: 'Node asks for much that it never uses, and is refused',
      fix: advice('sysctl -w vm.overcommit_memory=0, if nothing else needs it'),
    }
  },
}

/** What a machine is, beside its network. */
export const checksOfMachine: readonly Check[] = [
  descriptors,
  processOpenMax,
  machineOpenMax,
  memory,
  processors,
  noise,
  clock,
  overcommit,
]

function perProcess({ connections, processes }: Subject): number | undefined {
  return connections === undefined ? undefined : Math.ceil(connections / Math.max(1, processes))
}

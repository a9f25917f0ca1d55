import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { compareRuns } from '../../bench-harness/compare/compare-runs.ts'
import { writeComparison } from '../../bench-harness/compare/write-comparison.ts'
import { createRandom } from '../../bench-harness/plan/random.ts'
import { writeReport } from '../../bench-harness/report/write-report.ts'
import { believableRun } from '../bench/parts/believable-run.ts'
import { temporaryDirectory } from '../parts/temporary-directory.ts'
import { hasBrowser, launchBrowser } from './parts/browser.ts'

const run = believableRun({ seed: 7, connections: 2_500, measureS: 20, overloadedS: 3 })

function comparison(): string {
  const runs = [1, 2, 3, 4, 5, 6].map((seed) => ({
    name: `run-${seed}`,
    label: seed <= 3 ? 'now' : 'next, with a comma',
    bundle: believableRun({ seed, connections: 60, measureS: 20, failing: 0 }),
  }))
  return writeComparison(compareRuns(runs, { random: createRandom(1) }))
}

describe.runIf(hasBrowser())('pages of rusher bench', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  /** Opens a page, with all that went wrong in it and all that it asked for. */
  async function open(
    html: string,
    width = 1_100,
    scripts = true,
  ): Promise<{ page: Page; faults: string[] }> {
    const path = join(temporaryDirectory(), 'page.html')
    writeFileSync(path, html)
    const viewport = { width, height: 900 }
    const context = await browser.newContext({ viewport, javaScriptEnabled: scripts })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const faults: string[] = []
    page.on('console', (message) => faults.push(message.text()))
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) faults.push(`asked for ${request.url()}`)
    })
    await page.goto(`file://${path}`)
    return { page, faults }
  }

  it('draw every time chart under their own policy, and ask the network for nothing', async () => {
    const { page, faults } = await open(writeReport(run))
    const charts = await page.locator('figure.time').count()
    expect(charts).toBeGreaterThanOrEqual(6)
    expect(await page.locator('figure.time canvas').count()).toBe(charts)
    expect(faults).toEqual([])
  })

  it('are no wider than a screen of 360 points', async () => {
    for (const html of [writeReport(run), comparison()]) {
      const { page } = await open(html, 360)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    }
  })

  it('move one cursor over all charts by the arrow keys', async () => {
    const { page } = await open(writeReport(run))
    await page.locator('#connections .plot').focus()
    for (let step = 0; step < 5; step += 1) await page.keyboard.press('ArrowRight')
    for (const id of ['connections', 'tsung', 'server-cpu'])
      expect(await page.locator(`#${id} .u-legend`).textContent()).toMatch(/^second4 s/)
  })

  it('tell their figures without a script', async () => {
    const { page } = await open(writeReport(run), 1_100, false)
    expect(await page.locator('#connections table').count()).toBe(1)
    expect(await page.locator('#latency svg[role=img]').first().isVisible()).toBe(true)
  })

  it('change colours at a press', async () => {
    const { page } = await open(writeReport(run))
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const before = await paper()
    await page.locator('#theme').click()
    await page.locator('#theme').click()
    expect(await page.locator('#theme').textContent()).toBe('Colours: dark')
    expect(await paper()).not.toBe(before)
  })

  it('hide a variant, and show it so again to whoever gets the address', async () => {
    const html = comparison()
    const { page, faults } = await open(html)
    await page.getByRole('button', { name: 'next, with a comma' }).click()
    const address = page.url()
    expect(address).toContain('#hide=next%2C%20with%20a%20comma')
    await page.goto('about:blank')
    await page.goto(address)
    const bars = page.locator('.bars li[data-group^="next"]')
    expect(await bars.first().isVisible()).toBe(false)
    expect(await page.locator('.bars li[data-group=now]').first().isVisible()).toBe(true)
    expect(faults).toEqual([])
  })
})

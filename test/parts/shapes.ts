/** How a server is split over processes. What holds in one shape must hold in the other. */
export interface Shape {
  readonly shape: string
  readonly edges: number
}

export const shapes: readonly Shape[] = [
  { shape: 'one process', edges: 0 },
  { shape: 'two edges', edges: 2 },
]

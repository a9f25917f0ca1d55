export type * from './app/app.ts'

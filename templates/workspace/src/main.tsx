import './styles/tokens.css'
import './styles/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'

const root = document.getElementById('app')
if (root === null) throw new Error('index.html has no element #app')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)

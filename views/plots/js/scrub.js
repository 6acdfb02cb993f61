// Show one step of the preloaded day on the map. Raw buffers are wrapped, nothing is copied or sent.
const k = state.step
const wrap = (all, n) => new Float32Array(all.buffer, all.byteOffset + 4 * k * n, n)

const L = lines.data, B = buses.data
L.loading = wrap(all_loading.data.v, L.x0.length)
B.vm = wrap(all_vm.data.v, B.x.length)

const hot = {x0: [], y0: [], x1: [], y1: []}
for (let i = 0; i < L.loading.length; i++) {
  if (L.loading[i] > L.limit[i]) {
    for (const c of ["x0", "y0", "x1", "y1"]) hot[c].push(L[c][i])
  }
}
const bad = {x: [], y: [], marker: [], high: []}
for (let i = 0; i < B.vm.length; i++) {
  const high = B.vm[i] > B.vm_max[i]
  if (high || B.vm[i] < B.vm_min[i]) {
    bad.x.push(B.x[i])
    bad.y.push(B.y[i])
    bad.marker.push(high ? "triangle" : "inverted_triangle")
    bad.high.push(high ? 1 : 0)
  }
}
Object.assign(overloaded.data, hot)
Object.assign(violated.data, bad)
for (const source of [lines, buses, overloaded, violated]) source.change.emit()

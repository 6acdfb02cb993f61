// Draw one step's voltages as a field: every pixel from the buses near it, weights made once by the server.
if (!image.visible || near.data.index.length === 0) return
const {index, weight} = near.data
const pixels = field.data.image[0]
const n_near = index.length / pixels.length
const n_bus = all_vm.tags[0]
const vm = all_vm.data.v
const first = state.step * n_bus
for (let p = 0; p < pixels.length; p++) {
  let total = 0, share = 0
  for (let j = p * n_near; j < (p + 1) * n_near; j++) {
    const v = vm[first + index[j]]
    if (Number.isFinite(v) && Number.isFinite(weight[j])) {
      total += weight[j] * v
      share += weight[j]
    }
  }
  pixels[p] = share > 0 ? total / share : NaN
}
field.change.emit()

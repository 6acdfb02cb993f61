// Show the prices of one step: the bus dots, and the scale centred on that step's price at the coupling point.
const k = state.step, n = buses.data.x.length
const all = prices.data.v, centre = middle.data.v[k], span = prices.tags[0]
buses.data.price = new Float32Array(all.buffer, all.byteOffset + 4 * k * n, n)
mapper.setv({low: centre - span, high: centre + span})
buses.change.emit()

// Which requests ask in this step: full rings, and how much for the hover.
const n = quantity.tags[0]
const {request} = rings.data
rings.data.now = Array.from(request, (k) => quantity.data.v[state.step * n + k])
rings.data.alpha = rings.data.now.map((asked) => asked > 0 ? 1.0 : 0.2)
rings.change.emit()

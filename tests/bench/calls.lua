local sin = math.sin
local function h(a, b) return a*b + sin(a) end
local start, s = os.clock(), 0.0
for _ = 1, 1000000 do s = h(0.5*s, 1.5) + 1 end
print(string.format("time %.9f", os.clock() - start))
print(string.format("answer %.17g", s))

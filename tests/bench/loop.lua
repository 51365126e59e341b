local function total(n)
  local s = 0.0
  for i = 1, n do s = s + i*i end
  return s
end
local start = os.clock()
local s = total(10000000)
print(string.format("time %.9f", os.clock() - start))
print(string.format("answer %.17g", s))

function s = total(n)
  s = 0;
  for i = 1:n
    s = s + i*i;
  end
end
tic; s = total(1e7); printf("time %.9f\nanswer %.17g\n", toc, s);

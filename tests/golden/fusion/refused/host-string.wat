;; A function of the host that passes a string, exported as it is: there is no memory through which it would pass.
;; error: PULSE2010 host's import 'h:h/a#length'
(component
  (import "h:h/a" (instance $h (export "length" (func (param "s" string) (result u32)))))
  (export "h:h/b" (instance $h)))

function merge(target, source) {
  for (const key in source) {
    if (typeof source[key] === "object" && target[key]) {
      // ruleid: js-prototype-pollution-recursive
      merge(target[key], source[key]);
    } else {
      target[key] = source[key];
    }
  }
  return target;
}

function deepMerge(to, from) {
  Object.keys(from).forEach((name) => {
    // ruleid: js-prototype-pollution-recursive
    to[name] = isObject(from[name]) ? deepMerge(to[name], from[name]) : from[name];
  });
  return to;
}

const extend = (out, options) => {
  for (const option of Object.keys(options)) {
    if (isObject(options[option])) {
      // ruleid: js-prototype-pollution-recursive
      out[option] = extend(out[option], options[option]);
    } else {
      out[option] = options[option];
    }
  }
  return out;
};

function mergeDeep(target, source) {
  for (const key in source) {
    if (key === "__proto__" || key === "constructor" || key === "prototype") continue;
    // ok: js-prototype-pollution-recursive
    target[key] = isObject(source[key]) ? mergeDeep(target[key], source[key]) : source[key];
  }
  return target;
}

function assignDeep(target, source) {
  for (const key of Object.keys(source)) {
    if (FORBIDDEN.includes(key)) continue;
    // ok: js-prototype-pollution-recursive
    target[key] = isObject(source[key]) ? assignDeep(target[key], source[key]) : source[key];
  }
  return target;
}

function shallow(target, source) {
  for (const key in source) {
    // ok: js-prototype-pollution-recursive
    target[key] = source[key];
  }
  return target;
}

function rows(left, right) {
  // ok: js-prototype-pollution-recursive
  return left.map((row, i) => merge(left[i], right[i]));
}

//! Iterators: sources, adaptors, and what consumes them.

use super::Gen;
use super::scope::{Below, Kind, Lock};
use super::types::{BOOL, Int, Ty, USIZE};

/// What an iterator yields.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    Value(Ty),
    Ref(Ty),
    RefMut(Ty),
    /// `&[T]` of so many elements at least.
    Slice(Ty, usize),
    SliceMut(Ty, usize),
    Pair(Box<Item>, Box<Item>),
}

/// An expression that is an iterator.
#[derive(Clone, Debug)]
pub(crate) struct Iter {
    pub(crate) text: String,
    pub(crate) item: Item,
    pub(crate) double_ended: bool,
    pub(crate) exact: bool,
    /// Whether the JIT cannot ask for its items one at a time: it says so at build time.
    pub(crate) nested: bool,
    /// Items are below this, if they are numbers.
    below: Option<Below>,
}

impl Item {
    fn is_copy(&self) -> bool {
        match self {
            Item::RefMut(_) | Item::SliceMut(..) => false,
            Item::Pair(a, b) => a.is_copy() && b.is_copy(),
            _ => true,
        }
    }
}

impl Gen<'_> {
    /// Whether one more loop around what is generated next takes too long.
    fn too_deep(&self) -> bool {
        self.weight >= 100
    }

    /// Runs inside of a loop.
    pub(crate) fn repeated<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> R {
        let weight = self.weight;
        self.weight *= 8;
        let result = run(self);
        self.weight = weight;
        result
    }

    /// A pattern for an item, which declares names. `by` is what stands before the pattern of a reference to the item.
    pub(crate) fn item_pattern(&mut self, item: &Item, below: Option<Below>) -> String {
        if self.rng.one_in(12) {
            return "_".to_owned();
        }
        let name = self.fresh("x");
        match item {
            Item::Value(Ty::Tuple(parts)) if self.rng.one_in(2) => {
                let names: Vec<String> = (parts.iter())
                    .map(|part| {
                        let name = self.fresh("x");
                        self.declare(&name, part.clone(), Kind::Value);
                        name + ","
                    })
                    .collect();
                format!("({})", names.join(" "))
            }
            Item::Value(ty) => {
                self.declare(&name, ty.clone(), Kind::Value);
                if let (Some(below), Some(var)) = (below, self.scope.last_mut()) {
                    var.below.push(below);
                }
                name
            }
            Item::Ref(ty) => match self.rng.one_in(2) {
                true => {
                    self.declare(&name, ty.clone(), Kind::Value);
                    format!("&{name}")
                }
                false => {
                    self.declare(&name, ty.clone(), Kind::Ref);
                    name
                }
            },
            Item::RefMut(ty) => {
                self.declare(&name, ty.clone(), Kind::RefMut);
                name
            }
            Item::Slice(ty, least) | Item::SliceMut(ty, least) => {
                let kind = match item {
                    Item::Slice(..) => Kind::Slice,
                    _ => Kind::SliceMut,
                };
                self.declare(&name, ty.clone(), kind);
                if let Some(var) = self.scope.last_mut() {
                    var.nonempty = *least > 0;
                }
                name
            }
            Item::Pair(a, b) => {
                let a = self.item_pattern(a, below);
                let b = self.item_pattern(b, None);
                format!("({a}, {b})")
            }
        }
    }

    /// A number of items.
    fn small(&mut self, d: u32) -> String {
        match self.rng.below(4) {
            0 if d > 0 => format!("{} % 5", self.int(USIZE, d - 1)),
            _ => self.rng.below(6).to_string(),
        }
    }

    /// A range of a type with few items.
    pub(crate) fn range(&mut self, int: Int, d: u32) -> Iter {
        let ty = Ty::Int(int);
        let mut below = None;
        let text = match self.rng.below(9) {
            0 => {
                let n = self.rng.below(8);
                below = Some(Below::Const(n as u64));
                format!("0..{n}{int}")
            }
            1 => format!("{int}::MAX - {}..={int}::MAX", self.rng.below(4)),
            2 if int.signed => format!("-3..{}{int}", self.rng.below(4)),
            3 => {
                let n = 1 + self.rng.below(7);
                below = Some(Below::Const(n as u64 + 1));
                format!("1..={n}{int}")
            }
            4 => format!("{}..{}{int}", self.rng.below(9), self.rng.below(9)),
            5 if d > 0 => {
                let e = self.expr(&ty, d - 1);
                format!("{e} & 3..{}", self.rng.below(7))
            }
            _ if int == USIZE && self.rng.below(3) > 0 => {
                let mut slices = self.readable();
                slices.retain(|&i| self.scope[i].is_slice());
                match self.rng.choose(&slices) {
                    Some(i) => {
                        let name = self.scope[i].name.clone();
                        below = Some(Below::Len(name.clone()));
                        let low = self.rng.pick(&["0", "0", "0", "1", "2"]);
                        format!("{low}..{name}.len()")
                    }
                    None => "0..4usize".to_owned(),
                }
            }
            _ => {
                let e = match d {
                    0 => self.leaf_int(int),
                    _ => self.expr(&ty, d - 1),
                };
                let n = self.rng.pick(&["7", "3", "15"]);
                format!("0..({e} & {n})")
            }
        };
        // Only these are indices.
        let below = below.filter(|_| int == USIZE);
        Iter {
            exact: int.width() <= 16 || int == USIZE && !text.contains('='),
            text: format!("({text})"),
            item: Item::Value(ty),
            double_ended: true,
            nested: int.bits == 128,
            below,
        }
    }

    fn source(&mut self, d: u32, mutable: bool) -> Iter {
        let mut slices = self.readable();
        slices.retain(|&i| {
            let var = &self.scope[i];
            match (&var.kind, &var.ty) {
                (Kind::Slice, _) => !mutable,
                (Kind::SliceMut, _) => !mutable || var.lock == Lock::Free,
                (Kind::Value, Ty::Array(..)) => !mutable || var.mutable && var.lock == Lock::Free,
                (Kind::RefMut, Ty::Array(..)) => !mutable || var.lock == Lock::Free,
                (Kind::Ref, Ty::Array(..)) => !mutable,
                _ => false,
            }
        });
        let Some(i) = (!self.rng.one_in(5))
            .then(|| self.rng.choose(&slices))
            .flatten()
        else {
            return self.other_source(d);
        };
        let var = self.scope[i].clone();
        let elem = match &var.ty {
            Ty::Array(elem, _) if !var.is_slice() => (**elem).clone(),
            other => other.clone(),
        };
        let name = &var.name;
        self.lock(i, if mutable { Lock::Locked } else { Lock::Shared });
        let k = 1 + self.rng.below(4);
        let m = if mutable { "_mut" } else { "" };
        let slice = |n| match mutable {
            true => Item::SliceMut(elem.clone(), n),
            false => Item::Slice(elem.clone(), n),
        };
        let (text, item) = match self.rng.below(9) {
            0 if !mutable => (format!("{name}.windows({k})"), slice(k)),
            1 => (format!("{name}.chunks{m}({k})"), slice(1)),
            2 => (format!("{name}.chunks_exact{m}({k})"), slice(k)),
            3 if self.rng.one_in(2) => (format!("{name}.rchunks{m}({k})"), slice(1)),
            4 if !mutable && !var.is_slice() && var.kind == Kind::Value => {
                (format!("{name}.into_iter()"), Item::Value(elem.clone()))
            }
            _ => (
                match self.rng.below(5) {
                    0 if !mutable => {
                        format!("{name}[{}.min({name}.len())..].iter()", self.rng.below(3))
                    }
                    1 if !mutable => format!("{name}[..{name}.len() / 2].iter()"),
                    2 if self.rng.one_in(4) => format!("{name}[{}..].iter{m}()", self.rng.below(3)),
                    _ => format!("{name}.iter{m}()"),
                },
                match mutable {
                    true => Item::RefMut(elem.clone()),
                    false => Item::Ref(elem.clone()),
                },
            ),
        };
        Iter {
            text,
            item,
            double_ended: true,
            exact: true,
            nested: false,
            below: None,
        }
    }

    fn other_source(&mut self, d: u32) -> Iter {
        match self.rng.below(8) {
            0 => {
                let ty = self.rng.scalar();
                let e = self.bare(&ty, d);
                let n = self.rng.below(5);
                Iter {
                    text: format!("std::iter::repeat_n({e}, {n})"),
                    item: Item::Value(ty),
                    double_ended: true,
                    exact: true,
                    nested: false,
                    below: None,
                }
            }
            1 => {
                let ty = self.rng.scalar();
                let (e, x) = (self.bare(&ty, d), self.fresh("x"));
                let mark = self.mark();
                self.declare(&x, ty.clone(), Kind::Value);
                let next = self.repeated(|g| {
                    g.inside_closure(|g| g.bare(&Ty::Option(Box::new(ty.clone())), d))
                });
                self.restore(&mark);
                self.lock_named(&next, Lock::Shared);
                Iter {
                    text: format!(
                        "std::iter::successors(Some({e}), |&{x}| {next}).take({})",
                        self.rng.below(6)
                    ),
                    item: Item::Value(ty),
                    double_ended: false,
                    exact: false,
                    nested: false,
                    below: None,
                }
            }
            2 => {
                let ty = self.rng.scalar();
                let e = self.bare(&ty, d);
                Iter {
                    text: format!("std::iter::once({e})"),
                    item: Item::Value(ty),
                    double_ended: true,
                    exact: true,
                    nested: false,
                    below: None,
                }
            }
            _ => {
                let int = match self.rng.one_in(2) {
                    true => USIZE,
                    false => self.rng.int(),
                };
                self.range(int, d)
            }
        }
    }

    /// An iterator with adaptors. What it borrows is locked from here on.
    pub(crate) fn iter(&mut self, d: u32, mutable: bool) -> Iter {
        let mut it = self.source(d.min(2), mutable);
        for _ in 0..self.rng.below(4) {
            it = self.adapted(it, d.min(2));
        }
        it
    }

    fn closure(&mut self, it: &Iter, by_ref: bool, ret: &Ty, d: u32) -> String {
        let mark = self.mark();
        let mut pattern = self.item_pattern(&it.item, it.below.clone());
        if by_ref && pattern != "_" {
            pattern = format!("&{pattern}");
        }
        let body = self.repeated(|g| g.inside_closure(|g| g.bare(ret, d)));
        self.restore(&mark);
        self.lock_named(&body, Lock::Shared);
        format!("|{pattern}| {body}")
    }

    /// A closure that changes a variable, and then has a value.
    fn stateful_closure(&mut self, it: &Iter, ret: &Ty, d: u32) -> Option<String> {
        if !self.effects {
            return None;
        }
        let mut vars = self.visible();
        vars.retain(|&i| {
            let var = &self.scope[i];
            var.kind == Kind::Value && var.mutable && var.lock == Lock::Free && var.ty.is_scalar()
        });
        let var = self.rng.choose(&vars)?;
        let mark = self.mark();
        let (name, ty) = (self.scope[var].name.clone(), self.scope[var].ty.clone());
        let pattern = self.item_pattern(&it.item, it.below.clone());
        let (value, body) =
            self.repeated(|g| g.inside_closure(|g| (g.bare(&ty, d), g.bare(ret, d))));
        self.restore(&mark);
        let change = match &ty {
            Ty::Int(_) => format!("{name} = {name}.wrapping_mul(3).wrapping_add({value})"),
            Ty::Bool => format!("{name} ^= {value}"),
            Ty::Param(super::types::Class::Float) => format!("{name} = {name} + ({value})"),
            Ty::Param(super::types::Class::Int) => format!("{name} = {name} ^ ({value})"),
            _ => format!("{name} += {value}"),
        };
        let text = format!("|{pattern}| {{ {change}; {body} }}");
        self.lock_named(&text, Lock::Shared);
        self.lock(var, Lock::Locked);
        Some(text)
    }

    fn adapted(&mut self, it: Iter, d: u32) -> Iter {
        let text = &it.text;
        let copy = it.item.is_copy();
        match self.rng.below(17) {
            0 | 1 => Iter {
                text: format!("{text}.enumerate()"),
                double_ended: it.double_ended && it.exact,
                exact: it.exact,
                nested: it.nested,
                item: Item::Pair(Box::new(Item::Value(Ty::usize())), Box::new(it.item)),
                below: None,
            },
            // Whether closures of the longer, first part run once more depends on the version of std.
            2 | 3 if !it.nested && !it.text.contains('|') => {
                let other = self.source(d, false);
                if other.nested {
                    return it;
                }
                Iter {
                    text: format!("{text}.zip({})", other.text),
                    double_ended: it.double_ended && it.exact && other.double_ended && other.exact,
                    exact: it.exact && other.exact,
                    nested: false,
                    item: Item::Pair(Box::new(it.item), Box::new(other.item)),
                    below: it.below,
                }
            }
            4 | 5 if it.double_ended => Iter {
                text: format!("{text}.rev()"),
                ..it
            },
            6 => Iter {
                text: format!("{text}.skip({})", self.small(d)),
                double_ended: it.double_ended && it.exact,
                ..it
            },
            7 => Iter {
                text: format!("{text}.take({})", self.small(d)),
                double_ended: it.double_ended && it.exact,
                ..it
            },
            8 => Iter {
                text: format!("{text}.step_by({})", 1 + self.rng.below(4)),
                double_ended: it.double_ended && it.exact,
                ..it
            },
            9 if copy => {
                let c = self.closure(&it, true, &BOOL, d);
                Iter {
                    text: format!("{text}.filter({c})"),
                    exact: false,
                    ..it
                }
            }
            10 | 11 if copy => {
                let ty = match self.rng.one_in(4) {
                    true => Ty::Tuple(vec![self.rng.scalar(), self.rng.scalar()]),
                    false => self.rng.scalar(),
                };
                let c = match self.rng.one_in(4) {
                    true => self.stateful_closure(&it, &ty, d),
                    false => None,
                };
                let c = match c {
                    Some(c) => c,
                    None => self.closure(&it, false, &ty, d),
                };
                Iter {
                    text: format!("{text}.map({c})"),
                    item: Item::Value(ty),
                    below: None,
                    ..it
                }
            }
            12 if copy => {
                let method = self.rng.pick(&["take_while", "skip_while"]);
                let c = self.closure(&it, true, &BOOL, d);
                Iter {
                    text: format!("{text}.{method}({c})"),
                    double_ended: false,
                    exact: false,
                    ..it
                }
            }
            13 if copy => {
                let ty = self.rng.scalar();
                let method = self.rng.pick(&["filter_map", "map_while"]);
                let c = self.closure(&it, false, &Ty::Option(Box::new(ty.clone())), d);
                Iter {
                    text: format!("{text}.{method}({c})"),
                    item: Item::Value(ty),
                    double_ended: it.double_ended && method == "filter_map",
                    exact: false,
                    nested: it.nested,
                    below: None,
                }
            }
            14 if copy => {
                let state = self.rng.scalar();
                let out = self.rng.scalar();
                let start = self.bare(&state, d);
                let name = self.fresh("s");
                let mark = self.mark();
                self.declare(&name, state.clone(), Kind::RefMut);
                let pattern = self.item_pattern(&it.item, it.below.clone());
                let (value, body) = self.repeated(|g| {
                    g.inside_closure(|g| {
                        let body = g.bare(&Ty::Option(Box::new(out.clone())), d);
                        (g.bare(&state, d), body)
                    })
                });
                self.restore(&mark);
                self.lock_named(&format!("{value} {body}"), Lock::Shared);
                Iter {
                    text: format!(
                        "{text}.scan({start}, |{name}, {pattern}| {{ *{name} = {value}; {body} }})"
                    ),
                    item: Item::Value(out),
                    double_ended: false,
                    exact: false,
                    nested: it.nested,
                    below: None,
                }
            }
            15 if copy && !self.too_deep() => {
                let int = self.rng.int();
                let mark = self.mark();
                let pattern = self.item_pattern(&it.item, it.below.clone());
                let range = self.repeated(|g| g.inside_closure(|g| g.range(int, d)));
                self.restore(&mark);
                self.lock_named(&range.text, Lock::Shared);
                self.weight *= 4;
                Iter {
                    text: format!("{text}.flat_map(|{pattern}| {})", range.text),
                    item: Item::Value(Ty::Int(int)),
                    exact: false,
                    double_ended: it.double_ended,
                    nested: true,
                    below: None,
                }
            }
            16 => match &it.item {
                Item::Ref(ty) => {
                    let method = self.rng.pick(&["copied", "cloned"]);
                    Iter {
                        text: format!("{text}.{method}()"),
                        item: Item::Value(ty.clone()),
                        ..it
                    }
                }
                Item::Value(Ty::Int(int)) => {
                    let other = self.range(*int, d);
                    Iter {
                        text: format!("{text}.chain({})", other.text),
                        exact: false,
                        nested: it.nested || other.nested,
                        below: None,
                        ..it
                    }
                }
                _ => it,
            },
            _ => it,
        }
    }

    /// Runs `make` with whatever iterators borrow released at the end.
    pub(crate) fn piped<R>(&mut self, make: impl FnOnce(&mut Self) -> R) -> R {
        let mark = self.mark();
        let weight = self.weight;
        let result = make(self);
        self.weight = weight;
        self.restore(&mark);
        result
    }

    /// An iterator whose items are mapped to values of a type.
    fn values(&mut self, ty: &Ty, d: u32) -> Iter {
        let it = self.iter(d, false);
        if it.item == Item::Value(ty.clone()) {
            return it;
        }
        if it.item == Item::Ref(ty.clone()) && self.rng.one_in(2) {
            return Iter {
                text: format!("{}.copied()", it.text),
                item: Item::Value(ty.clone()),
                ..it
            };
        }
        let c = match self.rng.one_in(4) {
            true => self.stateful_closure(&it, ty, d),
            false => None,
        };
        let c = match c {
            Some(c) => c,
            None => self.closure(&it, false, ty, d),
        };
        Iter {
            text: format!("{}.map({c})", it.text),
            item: Item::Value(ty.clone()),
            ..it
        }
    }

    /// A fold over an iterator, for any type.
    pub(crate) fn fold(&mut self, ty: &Ty, d: u32) -> Option<String> {
        if self.too_deep() || d == 0 || *ty == Ty::Unit {
            return None;
        }
        self.piped(|g| {
            let it = g.iter(d, false);
            let start = g.bare(ty, d - 1);
            let acc = g.fresh("acc");
            let mark = g.mark();
            g.declare(&acc, ty.clone(), Kind::Value);
            let pattern = g.item_pattern(&it.item, it.below.clone());
            let body = g.repeated(|g| g.inside_closure(|g| g.bare(ty, d)));
            g.restore(&mark);
            Some(match it.double_ended && g.rng.one_in(5) {
                true => format!("{}.rfold({start}, |{acc}, {pattern}| {body})", it.text),
                false => format!("{}.fold({start}, |{acc}, {pattern}| {body})", it.text),
            })
        })
    }

    /// A number that an iterator is consumed to.
    pub(crate) fn number_of_items(&mut self, ty: &Ty, d: u32) -> String {
        if self.too_deep() || d == 0 {
            return self.leaf(ty);
        }
        self.piped(|g| {
            if *ty == Ty::usize() && g.rng.one_in(2) {
                let it = g.iter(d, false);
                // Those of `step_by` and `skip` are not known to the JIT.
                let known = it.exact && !it.text.contains("step_by") && !it.text.contains("skip");
                return match known && g.rng.one_in(3) {
                    true => format!("{}.len()", it.text),
                    false => format!("{}.count()", it.text),
                };
            }
            match g.rng.below(4) {
                0 | 1 => {
                    let it = g.values(ty, d);
                    let method = g.rng.pick(&["sum", "sum", "product"]);
                    format!("{}.{method}::<{ty}>()", it.text)
                }
                _ => {
                    let it = g.values(ty, d);
                    let start = g.leaf(ty);
                    let (acc, x) = (g.fresh("acc"), g.fresh("x"));
                    let body = match ty {
                        Ty::Int(_) => {
                            let op = g.rng.pick(&["wrapping_add", "wrapping_mul", "max", "min"]);
                            format!("{acc}.{op}({x})")
                        }
                        _ => format!("{acc} {} {x}", g.rng.pick(&["+", "*", "-"])),
                    };
                    format!("{}.fold({start}, |{acc}, {x}| {body})", it.text)
                }
            }
        })
    }

    /// `all`, `any`, `eq` and the like.
    pub(crate) fn quantifier(&mut self, d: u32) -> String {
        if self.too_deep() || d == 0 {
            return self.leaf(&BOOL);
        }
        self.piped(|g| {
            let it = g.iter(d, false);
            match g.rng.below(5) {
                0 => {
                    let ty = g.rng.scalar();
                    let first = g.closure(&it, false, &ty, d - 1);
                    let second = g.values(&ty, d - 1);
                    if second.nested || it.nested {
                        return g.leaf(&BOOL);
                    }
                    let method = g.rng.pick(&["eq", "ne", "lt", "ge"]);
                    format!("{}.map({first}).{method}({})", it.text, second.text)
                }
                n => {
                    let method = if n % 2 == 0 { "all" } else { "any" };
                    let c = match g.rng.one_in(4) {
                        true => g.stateful_closure(&it, &BOOL, d - 1),
                        false => None,
                    };
                    let c = match c {
                        Some(c) => c,
                        None => g.closure(&it, false, &BOOL, d - 1),
                    };
                    format!("{}.{method}({c})", it.text)
                }
            }
        })
    }

    /// An `Option` that an iterator is consumed to.
    pub(crate) fn found(&mut self, inner: &Ty, d: u32) -> Option<String> {
        if self.too_deep() || d == 0 {
            return None;
        }
        self.piped(|g| {
            if *inner == Ty::usize() && g.rng.one_in(3) {
                let it = g.iter(d, false);
                let reversed = it.double_ended && it.exact && g.rng.one_in(3);
                let method = if reversed { "rposition" } else { "position" };
                let c = g.closure(&it, false, &BOOL, d);
                return Some(format!("{}.{method}({c})", it.text));
            }
            if g.rng.one_in(5) {
                let it = g.iter(d, false);
                if it.item.is_copy() {
                    let opt = Ty::Option(Box::new(inner.clone()));
                    let c = g.closure(&it, false, &opt, d);
                    return Some(format!("{}.find_map({c})", it.text));
                }
            }
            let it = g.values(inner, d);
            let text = &it.text;
            let integer = matches!(inner, Ty::Int(_));
            Some(match g.rng.below(9) {
                0 => format!("{text}.last()"),
                1 => format!("{text}.nth({})", g.rng.below(4)),
                2 => {
                    let c = g.closure(&it, true, &BOOL, d);
                    format!("{text}.find({c})")
                }
                3 if integer => format!("{text}.min()"),
                4 if integer => format!("{text}.max()"),
                5 if inner.is_scalar() => {
                    let key = Ty::Int(g.rng.int());
                    let c = g.closure(&it, true, &key, d);
                    let method = g.rng.pick(&["min_by_key", "max_by_key"]);
                    format!("{text}.{method}({c})")
                }
                6 if inner.is_float() => {
                    let method = g.rng.pick(&["min_by", "max_by"]);
                    match g.rng.one_in(3) {
                        true => format!("{text}.{method}(|p, q| p.partial_cmp(q).unwrap())"),
                        false => format!(
                            "{text}.{method}(|p, q| p.partial_cmp(q).unwrap_or(std::cmp::Ordering::Equal))"
                        ),
                    }
                }
                _ => {
                    let (p, q) = (g.fresh("p"), g.fresh("q"));
                    let mark = g.mark();
                    g.declare(&p, inner.clone(), Kind::Value);
                    g.declare(&q, inner.clone(), Kind::Value);
                    let body = g.repeated(|g| g.inside_closure(|g| g.bare(inner, d)));
                    g.restore(&mark);
                    format!("{text}.reduce(|{p}, {q}| {body})")
                }
            })
        })
    }
}

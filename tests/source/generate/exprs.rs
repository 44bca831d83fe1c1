//! Expressions of any type. Each is text that may stand anywhere: compound ones are in parentheses.

use super::Gen;
use super::scope::{Kind, Lock};
use super::types::{BOOL, Int, LEN_N, Ty, U32};

impl Gen<'_> {
    /// A call of something in scope or of an earlier function, a block, an `if`: what every type has.
    fn common(&mut self, ty: &Ty, d: u32) -> Option<String> {
        if self.param.is_some()
            && self.rng.one_in(4)
            && let Some(text) = self.of_param(ty, d - 1)
        {
            return Some(text);
        }
        match self.rng.below(17) {
            14 => self.of_result(ty, d - 1),
            15 => Some(self.data_match(ty, d - 1)),
            0 | 1 => {
                let c = self.condition(d - 1);
                let (a, b) = (self.bare(ty, d - 1), self.bare(ty, d - 1));
                Some(format!("(if {c} {{ {a} }} else {{ {b} }})"))
            }
            2 => Some(self.match_expr(ty, d - 1)),
            3 | 4 => self.effect_block(ty, d - 1),
            5 | 6 => self.call(ty, d - 1),
            7 => self.closure_call(ty, d - 1),
            8 => {
                let name = self.fresh("b");
                let inner = self.rng.scalar();
                let value = self.bare(&inner, d - 1);
                let mark = self.mark();
                self.declare(&name, inner, Kind::Value);
                let result = self.bare(ty, d - 1);
                self.restore(&mark);
                Some(format!("({{ let {name} = {value}; {result} }})"))
            }
            9 => {
                let opt = Ty::Option(Box::new(ty.clone()));
                if !ty.is_plain() {
                    return None;
                }
                let o = self.expr(&opt, d - 1);
                match self.rng.below(5) {
                    0 => {
                        let (x, e) = (self.fresh("o"), self.bare(ty, d - 1));
                        let mark = self.mark();
                        self.declare(&x, ty.clone(), Kind::Value);
                        let t = self.bare(ty, d - 1);
                        self.restore(&mark);
                        Some(format!("(if let Some({x}) = {o} {{ {t} }} else {{ {e} }})"))
                    }
                    1 => {
                        let (x, e) = (self.fresh("o"), self.bare(ty, d - 1));
                        let mark = self.mark();
                        self.declare(&x, ty.clone(), Kind::Value);
                        let t = self.bare(ty, d - 1);
                        self.restore(&mark);
                        Some(format!("(match {o} {{ Some({x}) => {t}, None => {e} }})"))
                    }
                    2 => {
                        let e = self.pure(|g| g.bare(ty, d - 1));
                        Some(format!("{o}.unwrap_or_else(|| {e})"))
                    }
                    3 if self.rng.one_in(6) => Some(format!("{o}.unwrap()")),
                    _ => {
                        let e = self.bare(ty, d - 1);
                        Some(format!("{o}.unwrap_or({e})"))
                    }
                }
            }
            10 => self.fold(ty, d - 1),
            11 if self.rng.one_in(2) => {
                if !self.effects {
                    return None;
                }
                let wanted = ty.clone();
                let (place, _) = self.write(&|t| *t == wanted, d - 1)?;
                let mark = self.mark();
                self.lock_named(&place, Lock::Locked);
                let value = self.bare(ty, d - 1);
                self.restore(&mark);
                Some(format!("std::mem::replace(&mut {place}, {value})"))
            }
            _ => None,
        }
    }

    /// Runs without side effects: inside of closures and wherever something is borrowed.
    pub(crate) fn pure<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.effects, false);
        let result = run(self);
        self.effects = before;
        result
    }

    /// An expression, without the parentheses around it where they are not needed.
    pub(crate) fn bare(&mut self, ty: &Ty, d: u32) -> String {
        let text = self.expr(ty, d);
        if self.rng.one_in(8) {
            return text;
        }
        unparenthesized(text)
    }

    /// The condition of an `if` or a `while`.
    pub(crate) fn condition(&mut self, d: u32) -> String {
        let text = self.expr(&BOOL, d);
        match text.contains('{') {
            true => text,
            false => unparenthesized(text),
        }
    }

    pub(crate) fn expr(&mut self, ty: &Ty, d: u32) -> String {
        if self.budget == 0 || d == 0 {
            return self.leaf(ty);
        }
        self.budget -= 1;
        if self.rng.one_in(3)
            && let Some(text) = self.common(ty, d)
        {
            return text;
        }
        let wanted = ty.clone();
        match ty {
            Ty::Unit => "()".to_owned(),
            Ty::Bool => self.bool(d),
            Ty::Int(int) => self.int(*int, d),
            Ty::F32 | Ty::F64 => self.float(ty, d),
            Ty::Param(class) => self.param_expr(*class, d),
            Ty::Result(ok, err) => self.result(ok, err, d),
            _ if self.rng.one_in(3) => match self.read(&|t| *t == wanted, d) {
                Some((text, _)) => text,
                None => self.build(ty, d),
            },
            _ => self.build(ty, d),
        }
    }

    /// A value of a type that is no scalar, made of parts.
    fn build(&mut self, ty: &Ty, d: u32) -> String {
        match ty {
            Ty::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(|p| self.bare(p, d - 1)).collect();
                match parts.as_slice() {
                    [one] => format!("({one},)"),
                    _ => format!("({})", parts.join(", ")),
                }
            }
            Ty::Array(elem, n) => match self.rng.below(5) {
                0 if self.weight < 200 => {
                    let i = self.fresh("i");
                    let mark = self.mark();
                    let weight = self.weight;
                    self.weight *= 3;
                    self.declare(&i, Ty::usize(), Kind::Value);
                    if let Some(var) = self.scope.last_mut() {
                        var.below.push(super::scope::Below::Const(*n as u64));
                    }
                    let e = self.inside_closure(|g| g.bare(elem, d - 1));
                    self.restore(&mark);
                    self.weight = weight;
                    match *n {
                        LEN_N => format!("std::array::from_fn::<_, N, _>(|{i}| {e})"),
                        n => format!("std::array::from_fn::<_, {n}, _>(|{i}| {e})"),
                    }
                }
                _ if *n == LEN_N => {
                    let e = self.bare(elem, d - 1);
                    format!("[{e}; N]")
                }
                1 => {
                    let e = self.bare(elem, d - 1);
                    format!("[{e}; {n}]")
                }
                2 if self.weight < 200 => {
                    let from = self.rng.scalar();
                    let array = self.expr(&Ty::Array(Box::new(from.clone()), *n), d - 1);
                    let x = self.fresh("x");
                    let mark = self.mark();
                    self.declare(&x, from, Kind::Value);
                    let e = self.inside_closure(|g| g.bare(elem, d - 1));
                    self.restore(&mark);
                    format!("{array}.map(|{x}| {e})")
                }
                _ => {
                    let all: Vec<String> = (0..*n).map(|_| self.bare(elem, d - 1)).collect();
                    format!("[{}]", all.join(", "))
                }
            },
            Ty::Data(i) => self.variant(*i, d),
            Ty::Struct(i) => {
                if self.rng.one_in(3)
                    && let Some(text) = self.struct_operator(*i, d)
                {
                    return text;
                }
                let fields = self.items.structs[*i].clone();
                if fields.len() > 1 && !fields[0].0.starts_with('0') && self.rng.one_in(4) {
                    let wanted = ty.clone();
                    if let Some((base, _)) = self.read(&|t| *t == wanted, 0) {
                        let (name, field) = &fields[self.rng.below(fields.len())];
                        let e = self.pure(|g| g.bare(field, d - 1));
                        return format!("(S{i} {{ {name}: {e}, ..{base} }})");
                    }
                }
                let mut order: Vec<usize> = (0..fields.len()).collect();
                if self.rng.one_in(3) {
                    order.reverse();
                }
                let tuple = fields[0].0 == "0";
                if tuple {
                    order.sort_unstable();
                }
                let all: Vec<String> = (order.iter())
                    .map(|&f| {
                        let (name, field) = &fields[f];
                        let e = self.bare(field, d - 1);
                        match tuple {
                            true => e,
                            false => format!("{name}: {e}"),
                        }
                    })
                    .collect();
                match tuple {
                    true => format!("S{i}({})", all.join(", ")),
                    false => format!("(S{i} {{ {} }})", all.join(", ")),
                }
            }
            Ty::Enum(i) => {
                let n = self.items.enums[*i];
                if self.rng.one_in(3) {
                    let e = self.int(U32, d - 1);
                    let mut arms = String::new();
                    for v in 0..n - 1 {
                        arms += &format!("{v} => E{i}::V{v}, ");
                    }
                    return format!("(match {e} % {n} {{ {arms}_ => E{i}::V{} }})", n - 1);
                }
                format!("E{i}::V{}", self.rng.below(n))
            }
            Ty::Option(inner) => self.option(inner, d),
            _ => self.leaf(ty),
        }
    }

    /// A variable or a literal.
    pub(crate) fn leaf(&mut self, ty: &Ty) -> String {
        let wanted = ty.clone();
        if !self.rng.one_in(4)
            && let Some((text, _)) = self.read(&|t| *t == wanted, 0)
        {
            return text;
        }
        match ty {
            Ty::Unit => "()".to_owned(),
            Ty::Bool => self.rng.pick(&["true", "false"]).to_owned(),
            Ty::Int(int) => self.int_literal(*int, true),
            Ty::F32 | Ty::F64 => self.float_literal(ty, true),
            Ty::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(|p| self.leaf(p) + ",").collect();
                format!("({})", parts.join(" "))
            }
            Ty::Array(elem, n) => {
                let e = self.leaf(elem);
                match *n {
                    LEN_N => format!("[{e}; N]"),
                    n => format!("[{e}; {n}]"),
                }
            }
            Ty::Struct(i) => {
                let fields = self.items.structs[*i].clone();
                let tuple = fields[0].0 == "0";
                let all: Vec<String> = (fields.iter())
                    .map(|(name, field)| match tuple {
                        true => self.leaf(field),
                        false => format!("{name}: {}", self.leaf(field)),
                    })
                    .collect();
                match tuple {
                    true => format!("S{i}({})", all.join(", ")),
                    false => format!("(S{i} {{ {} }})", all.join(", ")),
                }
            }
            Ty::Enum(i) => format!("E{i}::V{}", self.rng.below(self.items.enums[*i])),
            Ty::Data(i) => self.variant(*i, 0),
            Ty::Param(class) => self.param_literal(*class),
            Ty::Result(ok, err) => match self.rng.one_in(3) {
                true => format!("Err::<{ok}, {err}>({})", self.leaf(err)),
                false => format!("Ok::<{ok}, {err}>({})", self.leaf(ok)),
            },
            Ty::Option(inner) => {
                if self.rng.one_in(3) {
                    return format!("None::<{inner}>");
                }
                let e = self.leaf(inner);
                format!("Some({e})")
            }
        }
    }

    /// A block that changes a variable, and then has a value.
    fn effect_block(&mut self, ty: &Ty, d: u32) -> Option<String> {
        if !self.effects {
            return None;
        }
        let change = self.change(d)?;
        let result = self.bare(ty, d.max(1) - 1);
        Some(format!("({{ {change}; {result} }})"))
    }

    /// An assignment to a scalar.
    pub(crate) fn change(&mut self, d: u32) -> Option<String> {
        let path = self.write_path(&Ty::is_scalar)?;
        let ty = path.ty.clone();
        let value = self.bare(&ty, d);
        let place = self.render(&path, d.min(1));
        Some(match &ty {
            Ty::Int(_) => match self.rng.below(8) {
                0 => format!("{place} += {value}"),
                1 => format!("{place} -= {value}"),
                2 => format!("{place} ^= {value}"),
                3 => format!("{place} |= {value}"),
                4 => format!("{place} &= {value}"),
                5 => format!("{place} *= {value}"),
                _ => {
                    let method = self
                        .rng
                        .pick(&["wrapping_add", "wrapping_sub", "wrapping_mul"]);
                    let second = self.render(&path, 0);
                    format!("{place} = {second}.{method}({value})")
                }
            },
            Ty::F32 | Ty::F64 => {
                let op = self.rng.pick(&["=", "+=", "-=", "*=", "/=", "%="]);
                format!("{place} {op} {value}")
            }
            Ty::Param(class) => {
                let second = self.render(&path, 0);
                let op = match class {
                    super::types::Class::Float => self.rng.pick(&["+", "-", "*"]),
                    super::types::Class::Int => self.rng.pick(&["^", "&", "+", "|"]),
                };
                format!("{place} = {second} {op} ({value})")
            }
            _ => {
                let op = self.rng.pick(&["=", "^=", "|=", "&="]);
                format!("{place} {op} {value}")
            }
        })
    }

    fn bool(&mut self, d: u32) -> String {
        match self.rng.below(13) {
            0 => self.leaf(&BOOL),
            1 => format!("(!{})", self.expr(&BOOL, d - 1)),
            2 | 3 => {
                let op = self.rng.pick(&["&&", "||", "&", "|", "^", "==", "!="]);
                let (a, b) = (self.expr(&BOOL, d - 1), self.expr(&BOOL, d - 1));
                format!("({a} {op} {b})")
            }
            4 => {
                let ty = self.rng.scalar();
                let opt = Ty::Option(Box::new(ty));
                let e = self.expr(&opt, d - 1);
                let method = self.rng.pick(&["is_some", "is_none"]);
                format!("{e}.{method}()")
            }
            5 => {
                let int = self.rng.int();
                let e = self.expr(&Ty::Int(int), d - 1);
                let pattern = self.int_pattern(int);
                // rustc takes `..=9` for no pattern in a macro.
                let pattern = if pattern.starts_with("..") {
                    format!("({pattern})")
                } else {
                    pattern
                };
                format!("matches!({e}, {pattern})")
            }
            6 => {
                let float = self.rng.pick(&[&Ty::F32, &Ty::F64]).clone();
                let e = self.expr(&float, d - 1);
                let method = self.rng.pick(&["is_nan", "is_finite", "is_infinite"]);
                format!("{e}.{method}()")
            }
            7 => self.quantifier(d - 1),
            8 => {
                let i = self.rng.below(self.items.enums.len());
                let (a, b) = (self.expr(&Ty::Enum(i), d - 1), self.leaf(&Ty::Enum(i)));
                let op = self.rng.pick(&["==", "!="]);
                format!("({a} {op} {b})")
            }
            9 => {
                // Their operands are borrowed.
                if self.rng.one_in(3) {
                    return self.equality(d - 1);
                }
                let ty = match self.rng.below(3) {
                    0 => Ty::Tuple(vec![self.rng.scalar(), self.rng.scalar()]),
                    1 => Ty::Array(Box::new(self.rng.scalar()), 1 + self.rng.below(3)),
                    _ => Ty::Option(Box::new(self.rng.scalar())),
                };
                let op = self.rng.pick(&["==", "!=", "<", ">="]);
                let op = if matches!(ty, Ty::Array(..)) {
                    "=="
                } else {
                    op
                };
                let (a, b) = self.pure(|g| (g.expr(&ty, d - 1), g.expr(&ty, d - 1)));
                format!("({a} {op} {b})")
            }
            _ => {
                let ty = self.rng.number();
                let op = self.rng.pick(&["==", "!=", "<", "<=", ">", ">="]);
                let (a, b) = (self.expr(&ty, d - 1), self.operand(&ty, d - 1));
                format!("({a} {op} {b})")
            }
        }
    }

    /// `==` of structs and enums with fields, and of what is made of them.
    fn equality(&mut self, d: u32) -> String {
        let own = match self.rng.one_in(2) {
            true => Ty::Data(self.rng.below(self.items.data.len())),
            false => Ty::Struct(self.rng.below(self.items.structs.len())),
        };
        let ty = match self.rng.below(4) {
            0 => Ty::Option(Box::new(own)),
            1 => Ty::Tuple(vec![self.rng.scalar(), own]),
            2 => Ty::Array(Box::new(own), 1 + self.rng.below(2)),
            _ => own,
        };
        let op = self.rng.pick(&["==", "!="]);
        let (a, b) = self.pure(|g| (g.expr(&ty, d), g.leaf(&ty)));
        format!("({a} {op} {b})")
    }

    /// A right operand, whose type the left one tells: literals need no suffix.
    pub(crate) fn operand(&mut self, ty: &Ty, d: u32) -> String {
        if !self.rng.one_in(4) {
            return self.expr(ty, d);
        }
        match ty {
            Ty::Int(int) => self.int_literal(*int, false),
            Ty::F32 | Ty::F64 => self.float_literal(ty, false),
            _ => self.expr(ty, d),
        }
    }

    fn option(&mut self, inner: &Ty, d: u32) -> String {
        let d1 = d - 1;
        if self.rng.one_in(3)
            && let Some(text) = self.found(inner, d1)
        {
            return text;
        }
        if let (Some(class), true) = (self.param, self.rng.one_in(6)) {
            let x = self.expr(&Ty::Param(class), d1);
            match inner {
                Ty::Int(int) => return format!("{x}.to_{int}()"),
                Ty::F64 => return format!("{x}.to_f64()"),
                Ty::Param(_) => {
                    let n = self.bare(&Ty::Int(super::types::I32), d1);
                    return format!("<T as num_traits::NumCast>::from({n})");
                }
                _ => {}
            }
        }
        if self.rng.one_in(8)
            && let Some(text) = self.tried(inner, None, d1)
        {
            return text;
        }
        if let Ty::Int(int) = inner
            && self.rng.one_in(3)
        {
            let (a, b) = (self.expr(inner, d1), self.bare(inner, d1));
            let method = self.rng.pick(&[
                "checked_add",
                "checked_sub",
                "checked_mul",
                "checked_div",
                "checked_rem",
                "checked_div_euclid",
                "checked_rem_euclid",
            ]);
            if self.rng.one_in(5) {
                let shift = self.bare(&Ty::Int(U32), d1);
                let method = self
                    .rng
                    .pick(&["checked_shl", "checked_shr", "checked_pow"]);
                return format!("{a}.{method}({shift})");
            }
            if self.rng.one_in(6) {
                let from = self.rng.int();
                let e = self.bare(&Ty::Int(from), d1);
                return format!("{int}::try_from({e}).ok()");
            }
            return format!("{a}.{method}({b})");
        }
        match self.rng.below(12) {
            0 => format!("None::<{inner}>"),
            1 if inner.is_plain() => {
                let (o, x) = (
                    self.expr(&Ty::Option(Box::new(inner.clone())), d1),
                    self.fresh("o"),
                );
                let mark = self.mark();
                self.declare(&x, inner.clone(), Kind::Value);
                let c = self.inside_closure(|g| g.bare(&BOOL, d1));
                self.restore(&mark);
                format!("{o}.filter(|&{x}| {c})")
            }
            2 | 3 => {
                let from = self.rng.scalar();
                let (o, x) = (
                    self.expr(&Ty::Option(Box::new(from.clone())), d1),
                    self.fresh("o"),
                );
                let mark = self.mark();
                self.declare(&x, from, Kind::Value);
                let e = self.inside_closure(|g| g.bare(inner, d1));
                self.restore(&mark);
                format!("{o}.map(|{x}| {e})")
            }
            4 => {
                let from = self.rng.scalar();
                let (o, x) = (
                    self.expr(&Ty::Option(Box::new(from.clone())), d1),
                    self.fresh("o"),
                );
                let mark = self.mark();
                self.declare(&x, from, Kind::Value);
                let e = self.inside_closure(|g| g.bare(&Ty::Option(Box::new(inner.clone())), d1));
                self.restore(&mark);
                format!("{o}.and_then(|{x}| {e})")
            }
            5 => {
                let (c, e) = (self.expr(&BOOL, d1), self.bare(inner, d1));
                match self.rng.one_in(2) {
                    true => format!("{c}.then_some({e})"),
                    false => {
                        let e = self.inside_closure(|g| g.bare(inner, d1));
                        format!("{c}.then(|| {e})")
                    }
                }
            }
            6 => {
                let opt = Ty::Option(Box::new(inner.clone()));
                let (a, b) = (self.expr(&opt, d1), self.bare(&opt, d1));
                let method = self.rng.pick(&["or", "xor"]);
                format!("{a}.{method}({b})")
            }
            7 | 8 => match self.element(inner, d1) {
                Some(text) => text,
                None => format!("Some({})", self.bare(inner, d1)),
            },
            _ => {
                let e = self.bare(inner, d1);
                format!("Some({e})")
            }
        }
    }

    /// `a.get(i).copied()` and its like.
    fn element(&mut self, inner: &Ty, d: u32) -> Option<String> {
        let mut slices = self.readable();
        slices.retain(|&i| self.scope[i].is_slice() && self.scope[i].ty == *inner);
        let slice = self.rng.choose(&slices)?;
        let name = self.scope[slice].name.clone();
        Some(match self.rng.below(5) {
            0 => format!("{name}.first().copied()"),
            1 => format!("{name}.last().copied()"),
            2 => format!("{name}.get({}).cloned()", self.rng.below(4)),
            _ => {
                let i = self.locked(slice, Lock::Shared, |g| g.bare(&Ty::usize(), d));
                format!("{name}.get({i}).copied()")
            }
        })
    }

    /// A `match` with a value, on an integer, a tuple or an enum.
    fn match_expr(&mut self, ty: &Ty, d: u32) -> String {
        let mut arms = Vec::new();
        let scrutinee;
        match self.rng.below(4) {
            0 => {
                let i = self.rng.below(self.items.enums.len());
                let n = self.items.enums[i];
                scrutinee = self.expr(&Ty::Enum(i), d);
                let first = self.rng.below(n);
                if first > 0 {
                    let all: Vec<String> = (0..first).map(|v| format!("E{i}::V{v}")).collect();
                    arms.push((all.join(" | "), self.bare(ty, d)));
                }
                for v in first..n {
                    arms.push((format!("E{i}::V{v}"), self.bare(ty, d)));
                }
            }
            1 => {
                let (a, b) = (self.rng.int(), self.rng.int());
                let (x, y) = (self.bare(&Ty::Int(a), d), self.bare(&Ty::Bool, d));
                scrutinee = format!("({x}, {y})");
                let p = self.int_pattern(a);
                arms.push((format!("({p}, true)"), self.bare(ty, d)));
                let name = self.fresh("m");
                let mark = self.mark();
                self.declare(&name, Ty::Int(a), Kind::Value);
                let guard = self.pure(|g| g.bare(&BOOL, d));
                let e = self.bare(ty, d);
                self.restore(&mark);
                arms.push((format!("({name}, false) if {guard}"), e));
                let _ = b;
                arms.push(("(_, _)".to_owned(), self.bare(ty, d)));
            }
            _ => {
                let int = self.rng.int();
                scrutinee = self.expr(&Ty::Int(int), d);
                for _ in 0..1 + self.rng.below(3) {
                    let p = self.int_pattern(int);
                    if self.rng.one_in(3) {
                        let name = self.fresh("m");
                        let mark = self.mark();
                        self.declare(&name, Ty::Int(int), Kind::Value);
                        let guard = match self.rng.one_in(2) {
                            true => format!(" if {}", self.pure(|g| g.bare(&BOOL, d))),
                            false => String::new(),
                        };
                        let e = self.bare(ty, d);
                        self.restore(&mark);
                        let p = if p.contains('|') { format!("({p})") } else { p };
                        arms.push((format!("{name} @ {p}{guard}"), e));
                    } else {
                        arms.push((p, self.bare(ty, d)));
                    }
                }
                let name = self.fresh("m");
                let mark = self.mark();
                self.declare(&name, Ty::Int(int), Kind::Value);
                let e = self.bare(ty, d);
                self.restore(&mark);
                arms.push((name, e));
            }
        }
        let arms: Vec<String> = arms.iter().map(|(p, e)| format!("{p} => {e}")).collect();
        format!("(match {scrutinee} {{ {} }})", arms.join(", "))
    }

    /// A pattern that does not match all integers, without names.
    pub(crate) fn int_pattern(&mut self, int: Int) -> String {
        let low = self.rng.below(20);
        let high = low + self.rng.below(30);
        match self.rng.below(6) {
            0 => format!("{low}"),
            1 => format!("{low}..={high}"),
            2 => format!("{low}..{}", high + 1),
            3 => format!("{low}.."),
            4 if int.signed => format!("..={low} | {}..", high + 1),
            4 => format!("..={low}"),
            _ if int.signed => format!("-{} | {low}", low + 1),
            _ => format!("{low} | {} | {}", low + 2, high + 3),
        }
    }
}

/// Without the parentheses around the whole, if they are no tuple's.
pub(crate) fn unparenthesized(text: String) -> String {
    let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) else {
        return text;
    };
    let mut depth = 0i32;
    for c in inner.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => return text,
            _ => {}
        }
        if depth < 0 {
            return text;
        }
    }
    if inner.is_empty() {
        text
    } else {
        inner.to_owned()
    }
}

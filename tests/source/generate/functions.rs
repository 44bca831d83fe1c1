//! Whole functions: signatures, bodies, and the calls that compare them with rustc's.

use std::fmt::Write as _;

use super::items::{Callee, Items, Param};
use super::rng::Rng;
use super::scope::{Kind, Var};
use super::types::{BYTE, Class, LEN_N, Ty};
use super::{Config, Gen};

/// The text of one function and of what calls it.
pub(crate) struct Generated {
    pub(crate) text: String,
    pub(crate) driver: String,
}

/// A function with a body, and its entry among the callees, if later functions may call it.
pub(crate) fn function(
    rng: &mut Rng,
    items: &mut Items,
    config: &Config,
    index: usize,
) -> Generated {
    let small = index % 8 < 3;
    let takes_closure = small && index.is_multiple_of(16);
    let method = (index % 8 == 2).then(|| rng.below(items.structs.len()));
    let any_len = method.is_none() && !takes_closure && rng.one_in(8);
    let generic = match method.is_none() && !any_len && !takes_closure && rng.one_in(4) {
        true => rng.choose(&[Class::Float, Class::Int]),
        false => None,
    };
    let plain = method.is_none() && generic.is_none() && !takes_closure;
    let recursive = small && plain && rng.one_in(4);
    let name = format!("{}{index}", config.prefix);
    let mut params = params(rng, items, small, takes_closure);
    if any_len {
        let kind = rng.choose(&[Kind::Value, Kind::Ref, Kind::RefMut]);
        let ty = Ty::Array(Box::new(rng.scalar()), LEN_N);
        params.insert(0, Param::new("array", ty, kind.unwrap_or(Kind::Value)));
    }
    if let Some(class) = generic {
        let kind = rng.choose(&[Kind::Value, Kind::Slice, Kind::SliceMut, Kind::Ref]);
        let kind = kind.unwrap_or(Kind::Value);
        params.insert(0, Param::new("t0", Ty::Param(class), kind));
        params.insert(1, Param::new("t1", Ty::Param(class), Kind::Value));
        params[1].mutable = true;
        params.truncate(if small { 3 } else { 6 });
    }
    if recursive {
        params.push(Param::new("level", Ty::Int(BYTE), Kind::Value));
    }
    if let Some(owner) = method {
        let kind = rng.choose(&[Kind::Value, Kind::Ref, Kind::Ref, Kind::RefMut]);
        let own = Param::new("self", Ty::Struct(owner), kind.unwrap_or(Kind::Ref));
        params.insert(0, own);
    }
    let ret = match generic {
        Some(class) if rng.one_in(2) => Ty::Param(class),
        Some(class) if rng.one_in(3) => Ty::Option(Box::new(Ty::Param(class))),
        _ => result(rng, items, small),
    };
    let (budget, block_depth, expr_depth, stmts) = match (small, rng.below(3)) {
        (true, _) => (25, 1, 2, 2),
        (_, 0) => (60, 2, 3, 5),
        (_, 1) => (140, 3, 3, 8),
        _ => (80, 2, 4, 6),
    };
    let parallel = !small && rng.one_in(4);
    let attribute = match (parallel, rng.below(3)) {
        (false, _) => "#[jit]",
        (_, 0) => "#[jit(parallel)]",
        (_, 1) => "#[jit(parallel(min_len = 1, chunk = 2))]",
        _ => "#[jit(parallel(threads = 3, min_len = 1, chunk = 1))]",
    };
    let mut text = String::new();
    let declared: Vec<String> = params.iter().map(declaration).collect();
    let arrow = match &ret {
        Ty::Unit => String::new(),
        other => format!(" -> {other}"),
    };
    let parameters = match generic {
        Some(Class::Float) => "<T: Float + Meter>",
        Some(Class::Int) => "<T: PrimInt + WrappingAdd + WrappingMul + Meter>",
        None if any_len => "<const N: usize>",
        None => "",
    };
    let head = format!("fn {name}{parameters}({}){arrow} {{", declared.join(", "));
    let callee = Callee {
        name: name.clone(),
        params: params.clone(),
        ret: ret.clone(),
        method,
    };
    let mut g = Gen {
        rng,
        items,
        scope: Vec::new(),
        out: String::new(),
        indent: 1,
        names: 0,
        budget,
        weight: if small { 8 } else { 1 },
        effects: true,
        ret: ret.clone(),
        returns: true,
        loops: Vec::new(),
        expr_depth,
        recursion: recursive.then(|| callee.clone()),
        param: generic,
    };
    for param in &params {
        if param.name == "level" {
            continue;
        }
        let mut var = Var::new(&param.name, param.ty.clone(), param.kind.clone());
        var.mutable = param.mutable;
        g.scope.push(var);
    }
    g.body(stmts, block_depth);
    let body = std::mem::take(&mut g.out);
    let _ = match method {
        Some(owner) => write!(
            text,
            "{attribute}\nimpl S{owner} {{\n{head}\n{body}}}\n}}\n"
        ),
        None => write!(text, "{attribute}\n{head}\n{body}}}\n"),
    };
    let driver = match takes_closure || method.is_some() {
        true => String::new(),
        false if any_len => [1, 2, 5]
            .map(|n| driver(&name, &params, &ret, parallel, Some(n)))
            .concat(),
        false if generic.is_some() => generic
            .map_or(&[][..], super::generic::instances)
            .iter()
            .map(|ty| {
                let params: Vec<Param> = (params.iter())
                    .map(|param| Param {
                        ty: param.ty.with_param(ty),
                        ..param.clone()
                    })
                    .collect();
                driver(&name, &params, &ret.with_param(ty), parallel, None)
                    .replace(&format!("fn run_{name}("), &format!("fn run_{name}_{ty}("))
            })
            .collect(),
        false => driver(&name, &params, &ret, parallel, None),
    };
    if small {
        items.callees.push(callee);
    }
    Generated { text, driver }
}

impl Gen<'_> {
    fn body(&mut self, stmts: usize, block_depth: u32) {
        if self.recursion.is_some() {
            let ret = self.ret.clone();
            let value = self.pure(|g| g.leaf(&ret));
            self.line("if level & 3 == 0 {");
            self.line(format!("    return {value};"));
            self.line("}");
        }
        for i in 0..self.scope.len() {
            if !self.scope[i].is_slice() {
                continue;
            }
            let name = self.scope[i].name.clone();
            match self.rng.below(6) {
                0 | 1 => {
                    let ret = self.ret.clone();
                    let value = self.pure(|g| g.leaf(&ret));
                    self.line(format!("if {name}.is_empty() {{"));
                    self.line(format!("    return {value};"));
                    self.line("}");
                    self.scope[i].nonempty = true;
                }
                2 => {
                    self.line(format!("assert!({name}.len() > 0, \"{name} is empty\");"));
                    self.scope[i].nonempty = true;
                }
                _ => {}
            }
        }
        for _ in 0..stmts {
            self.stmt(block_depth);
        }
        // What was computed is seen.
        let ret = self.ret.clone();
        self.budget = self.budget.max(10);
        let depth = self.expr_depth;
        let last = self.bare(&ret, depth);
        self.line(last);
    }
}

fn declaration(param: &Param) -> String {
    let Param {
        name,
        ty,
        kind,
        mutable,
    } = param;
    let word = if *mutable { "mut " } else { "" };
    match kind {
        Kind::Value if name == "self" => format!("{word}self"),
        Kind::Ref if name == "self" => "&self".to_owned(),
        Kind::RefMut if name == "self" => "&mut self".to_owned(),
        Kind::Value => format!("{word}{name}: {ty}"),
        Kind::Slice => format!("{name}: &[{ty}]"),
        Kind::SliceMut => format!("{name}: &mut [{ty}]"),
        Kind::Ref => format!("{name}: &{ty}"),
        Kind::RefMut => format!("{name}: &mut {ty}"),
        Kind::Closure(inputs) => {
            let inputs: Vec<String> = inputs.iter().map(Ty::to_string).collect();
            format!("{name}: impl Fn({}) -> {ty}", inputs.join(", "))
        }
    }
}

fn params(rng: &mut Rng, items: &Items, small: bool, takes_closure: bool) -> Vec<Param> {
    let n = if small {
        1 + rng.below(3)
    } else {
        2 + rng.below(4)
    };
    let structs = items.structs.len();
    let mut params: Vec<Param> = (0..n)
        .map(|i| {
            let (kind, ty) = match rng.below(if small { 9 } else { 16 }) {
                0..=3 => (Kind::Value, rng.scalar()),
                4 => (Kind::Value, items.stored(rng, structs, 2)),
                5 => (Kind::Slice, items.stored(rng, structs, 1)),
                6 => (Kind::SliceMut, rng.scalar()),
                7 => (Kind::Ref, items.stored(rng, structs, 2)),
                8 => (Kind::RefMut, items.stored(rng, structs, 2)),
                9..=11 => (Kind::Slice, rng.number()),
                12 => (Kind::SliceMut, items.stored(rng, structs, 1)),
                _ => (Kind::SliceMut, rng.number()),
            };
            let mutable = kind == Kind::Value && rng.one_in(2);
            Param {
                name: format!("a{i}"),
                ty,
                kind,
                mutable,
            }
        })
        .collect();
    if takes_closure {
        let inputs = (0..1 + rng.below(2)).map(|_| rng.scalar()).collect();
        params.push(Param {
            name: "call".to_owned(),
            ty: rng.scalar(),
            kind: Kind::Closure(inputs),
            mutable: false,
        });
    }
    params
}

fn result(rng: &mut Rng, items: &Items, small: bool) -> Ty {
    match rng.below(if small { 6 } else { 10 }) {
        0 => Ty::Option(Box::new(rng.scalar())),
        1 => Ty::Tuple(vec![rng.scalar(), rng.scalar()]),
        6 if rng.one_in(2) => Ty::Data(rng.below(items.data.len())),
        2 | 6 => Ty::Result(Box::new(rng.scalar()), Box::new(rng.scalar())),
        7 if rng.one_in(2) => items.stored(rng, items.structs.len(), 2),
        7 => Ty::Tuple(vec![rng.scalar(), rng.scalar(), rng.scalar()]),
        8 => Ty::Unit,
        _ => rng.scalar(),
    }
}

/// A function that calls the jitted function and rustc's body with some arguments.
fn driver(name: &str, params: &[Param], ret: &Ty, parallel: bool, n: Option<usize>) -> String {
    let mut made = String::new();
    let mut passed = Vec::new();
    let mut types = Vec::new();
    for (i, param) in params.iter().enumerate() {
        let ty = &param.ty.with_len(n.unwrap_or(1));
        let (owned, pass) = match param.kind {
            Kind::Value => (ty.to_string(), format!("a.{i}")),
            Kind::Slice => (format!("Vec<{ty}>"), format!("&a.{i}")),
            Kind::SliceMut => (format!("Vec<{ty}>"), format!("&mut a.{i}")),
            Kind::Ref => (ty.to_string(), format!("&a.{i}")),
            _ => (ty.to_string(), format!("&mut a.{i}")),
        };
        let _ = write!(made, "<{owned}>::arbitrary(rng), ");
        passed.push(pass);
        types.push(owned + ",");
    }
    let (args, types) = (passed.join(", "), types.join(" "));
    let ret = ret.with_len(n.unwrap_or(1));
    let suffix = n.map_or(String::new(), |n| format!("_{n}"));
    format!(
        "fn run_{name}{suffix}(tally: &mut Tally) {{\n    type A = ({types});\n    tally.function::<{name}, A, {ret}>({parallel}, \
         |rng| ({made}), |a| {name}({args}), |a| {name}::plain({args}));\n}}\n"
    )
}

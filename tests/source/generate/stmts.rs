//! Statements: lines of text, so that a failure can be shrunk by leaving lines out.

use super::exprs::unparenthesized;
use super::scope::{Below, Kind, Lock, Var};
use super::types::{BOOL, Ty, USIZE};
use super::{Gen, LoopScope};

impl Gen<'_> {
    pub(crate) fn declare(&mut self, name: &str, ty: Ty, kind: Kind) {
        self.scope.push(Var::new(name, ty, kind));
    }

    pub(crate) fn line(&mut self, text: impl AsRef<str>) {
        for _ in 0..self.indent {
            self.out.push_str("    ");
        }
        self.out.push_str(text.as_ref());
        self.out.push('\n');
    }

    /// A block's statements, one level deeper, in a scope of their own.
    pub(crate) fn nested(&mut self, n: usize, d: u32) {
        self.indent += 1;
        let mark = self.mark();
        for _ in 0..n {
            self.stmt(d);
        }
        self.restore(&mark);
        self.indent -= 1;
    }

    fn body_len(&mut self) -> usize {
        1 + self.rng.below(3)
    }

    pub(crate) fn stmt(&mut self, d: u32) {
        if self.budget == 0 {
            return;
        }
        self.budget -= 1;
        let depth = self.expr_depth;
        match self.rng.below(42) {
            38 | 39 => self.macro_stmt(),
            40 if d > 0 && self.weight < 20 => self.local_fn(depth.min(2)),
            41 => self.swap_stmt(),
            34 | 35 if d > 0 && self.weight < 60 => self.named_iter(d - 1),
            36 => {
                if !self.question(depth) {
                    self.let_value(depth);
                }
            }
            0..=5 => self.let_value(depth),
            6 => self.let_pattern(depth),
            7..=10 => {
                if let Some(change) = self.change(depth) {
                    self.line(change + ";");
                }
            }
            11 | 12 => self.assign(depth),
            13..=15 if d > 0 => self.if_stmt(d - 1),
            16 if d > 0 => self.match_stmt(d - 1),
            17..=21 if d > 0 && self.weight < 100 => self.for_stmt(d - 1),
            22 if d > 0 && self.weight < 100 => self.while_stmt(d - 1),
            23 => self.closure_stmt(depth),
            24 | 25 => self.slice_stmt(depth, d),
            26 => self.assertion(depth),
            27 => self.leave(depth),
            28 if d > 0 => self.block_stmt(d - 1),
            29 if self.weight < 100 => self.for_each(depth),
            30 => self.let_else(depth),
            31 => self.call_stmt(depth),
            32 if d > 0 => self.reference_stmt(d - 1),
            _ => self.let_value(depth),
        }
    }

    /// A type for a variable.
    fn local_type(&mut self) -> Ty {
        if let Some(class) = self.param
            && self.rng.one_in(3)
        {
            let param = Ty::Param(class);
            return match self.rng.below(6) {
                0 => Ty::Option(Box::new(param)),
                1 => Ty::Tuple(vec![self.rng.scalar(), param]),
                2 => Ty::Array(Box::new(param), 1 + self.rng.below(4)),
                _ => param,
            };
        }
        if self.rng.one_in(10) {
            return match self.rng.one_in(2) {
                true => Ty::Data(self.rng.below(self.items.data.len())),
                false => Ty::Result(Box::new(self.rng.scalar()), Box::new(self.rng.scalar())),
            };
        }
        match self.rng.below(12) {
            0 => Ty::Option(Box::new(self.rng.scalar())),
            1 => Ty::Tuple(vec![self.rng.scalar(), self.rng.scalar()]),
            2 | 3 => {
                let n = self.items.structs.len();
                self.items.stored(self.rng, n, 2)
            }
            4 => Ty::Array(Box::new(self.rng.scalar()), 1 + self.rng.below(5)),
            _ => self.rng.scalar(),
        }
    }

    fn let_value(&mut self, d: u32) {
        let ty = self.local_type();
        let value = self.bare(&ty, d);
        let mutable = self.rng.one_in(2);
        let word = if mutable { "mut " } else { "" };
        // A name that hides another one, whose facts are known by name if it is a slice.
        let shadowed: Vec<String> = (self.visible().iter())
            .filter(|&&i| self.scope[i].kind == Kind::Value && self.scope[i].name != "self")
            .map(|&i| self.scope[i].name.clone())
            .collect();
        let name = match self.rng.one_in(8) {
            true => self.rng.choose(&shadowed),
            false => None,
        };
        let hides = name.is_some();
        let name = match name {
            Some(name) => name,
            None => self.fresh("v"),
        };
        match self.rng.below(8) {
            0 => self.line(format!("let {word}{name}: {ty} = {value};")),
            1 if !hides => {
                self.line(format!("let {word}{name}: {ty};"));
                self.line(format!("{name} = {value};"));
            }
            _ => self.line(format!("let {word}{name} = {value};")),
        }
        self.declare(&name, ty, Kind::Value);
        if mutable && let Some(var) = self.scope.last_mut() {
            var.mutable = true;
        }
    }

    /// An assignment to a place of any type.
    fn assign(&mut self, d: u32) {
        let Some(path) = self.write_path(&|_| true) else {
            return;
        };
        let ty = path.ty.clone();
        let value = self.bare(&ty, d);
        let place = self.render(&path, d);
        self.line(format!("{place} = {value};"));
    }

    fn if_stmt(&mut self, d: u32) {
        let depth = self.expr_depth;
        let mark = self.mark();
        match self.rng.below(4) {
            0 => {
                let ty = self.rng.scalar();
                let o = self.expr(&Ty::Option(Box::new(ty.clone())), depth);
                let name = self.fresh("o");
                self.declare(&name, ty, Kind::Value);
                let more = match self.rng.one_in(3) {
                    true => format!(" && {}", self.expr(&BOOL, depth - 1)),
                    false => String::new(),
                };
                self.line(format!("if let Some({name}) = {o}{more} {{"));
            }
            _ => {
                let c = self.condition(depth);
                self.line(format!("if {c} {{"));
            }
        }
        let n = self.body_len();
        self.nested(n, d);
        self.restore(&mark);
        if self.rng.one_in(4) {
            let c = self.condition(depth - 1);
            self.line(format!("}} else if {c} {{"));
            let n = self.body_len();
            self.nested(n, d);
        }
        if self.rng.one_in(2) {
            self.line("} else {");
            let n = self.body_len();
            self.nested(n, d);
        }
        self.line("}");
    }

    fn match_stmt(&mut self, d: u32) {
        let depth = self.expr_depth;
        let int = self.rng.int();
        match self.rng.below(3) {
            0 => {
                let mut slices = self.readable();
                slices.retain(|&i| self.scope[i].is_slice());
                let Some(slice) = self.rng.choose(&slices) else {
                    return;
                };
                let (name, ty) = (self.scope[slice].name.clone(), self.scope[slice].ty.clone());
                let copies = matches!(self.scope[slice].kind, Kind::SliceMut);
                self.line(format!(
                    "match {}{name}{} {{",
                    if copies { "&" } else { "" },
                    if copies { "[..]" } else { "" }
                ));
                self.indent += 1;
                let (a, b) = (self.fresh("p"), self.fresh("p"));
                let mark = self.mark();
                self.lock(slice, Lock::Shared);
                self.line("[] => {");
                self.nested(1, d);
                let inner = self.mark();
                self.declare(&a, ty.clone(), Kind::Ref);
                self.line(format!("}} [{a}] => {{"));
                self.nested(1, d);
                self.restore(&inner);
                self.declare(&a, ty.clone(), Kind::Ref);
                self.declare(&b, ty.clone(), Kind::Slice);
                self.line(format!("}} [{a}, {b} @ ..] => {{"));
                self.nested(2, d);
                self.restore(&mark);
                self.line("}");
                self.indent -= 1;
            }
            1 => {
                let i = self.rng.below(self.items.enums.len());
                let n = self.items.enums[i];
                let e = self.expr(&Ty::Enum(i), depth);
                self.line(format!("match {e} {{"));
                self.indent += 1;
                let first = self.rng.below(n);
                self.line(format!("E{i}::V{first} => {{"));
                self.nested(2, d);
                let guard = self.pure(|g| g.bare(&BOOL, depth - 1));
                self.line(format!("}} e if {guard} => {{"));
                self.nested(1, d);
                self.line("}");
                self.line("_ => {");
                self.nested(1, d);
                self.line("}");
                self.indent -= 1;
            }
            _ => {
                let e = self.expr(&Ty::Int(int), depth);
                self.line(format!("match {e} {{"));
                self.indent += 1;
                for _ in 0..1 + self.rng.below(3) {
                    let p = self.int_pattern(int);
                    self.line(format!("{p} => {{"));
                    let n = self.body_len();
                    self.nested(n, d);
                    self.line("}");
                }
                let name = self.fresh("m");
                let mark = self.mark();
                self.declare(&name, Ty::Int(int), Kind::Value);
                let guard = self.pure(|g| g.bare(&BOOL, depth - 1));
                self.line(format!("{name} if {guard} => {{"));
                self.nested(1, d);
                self.restore(&mark);
                self.line("}");
                self.line("_ => {");
                self.nested(1, d);
                self.line("}");
                self.indent -= 1;
            }
        }
        self.line("}");
    }

    fn label(&mut self) -> (Option<String>, String) {
        if !self.rng.one_in(3) {
            return (None, String::new());
        }
        let label = self.fresh("'l");
        (Some(label.clone()), format!("{label}: "))
    }

    fn for_stmt(&mut self, d: u32) {
        let depth = self.expr_depth;
        let mark = self.mark();
        let weight = self.weight;
        let (label, prefix) = self.label();
        match self.rng.below(7) {
            0 | 1 => {
                // Over the indices of one or several slices.
                let mut slices = self.readable();
                slices.retain(|&i| self.scope[i].is_slice());
                let Some(first) = self.rng.choose(&slices) else {
                    return;
                };
                let second = self.rng.choose(&slices).unwrap_or(first);
                let (a, b) = (
                    self.scope[first].name.clone(),
                    self.scope[second].name.clone(),
                );
                let i = self.fresh("i");
                let end = match a == b {
                    true => format!("{a}.len()"),
                    false => format!("{a}.len().min({b}.len())"),
                };
                let (before, after) = match self.rng.below(6) {
                    0 => ("(0..", ").rev()"),
                    1 => ("(0..", ").step_by(2)"),
                    2 => ("1..", ""),
                    _ => ("0..", ""),
                };
                self.line(format!("{prefix}for {i} in {before}{end}{after} {{"));
                self.declare(&i, Ty::usize(), Kind::Value);
                if let Some(var) = self.scope.last_mut() {
                    var.below = vec![Below::Len(a), Below::Len(b)];
                }
            }
            2 => {
                let int = self.rng.int();
                let range = self.range(int, depth);
                let i = self.fresh("i");
                let range_text = match self.rng.below(4) {
                    0 => format!("{}.rev()", range.text),
                    1 => format!("{}.step_by({})", range.text, 1 + self.rng.below(3)),
                    _ => unparenthesized(range.text.clone()),
                };
                self.line(format!("{prefix}for {i} in {range_text} {{"));
                self.declare(&i, Ty::Int(int), Kind::Value);
                // Ranges over indices say what they are below by their text.
                if int == USIZE {
                    let slices: Vec<String> = (self.visible().iter())
                        .filter(|&&s| self.scope[s].is_slice())
                        .map(|&s| self.scope[s].name.clone())
                        .collect();
                    let of = slices
                        .into_iter()
                        .find(|s| range.text.ends_with(&format!("..{s}.len())")));
                    if let (Some(of), Some(var)) = (of, self.scope.last_mut()) {
                        var.below.push(Below::Len(of));
                    }
                }
            }
            _ => {
                let mutable = self.rng.one_in(2);
                let it = self.iter(depth, mutable);
                let pattern = self.item_pattern(&it.item, None);
                self.line(format!("{prefix}for {pattern} in {} {{", it.text));
            }
        }
        self.loops.push(LoopScope { label });
        let n = 1 + self.body_len();
        self.weight *= 8;
        self.nested(n, d);
        self.weight = weight;
        self.loops.pop();
        self.restore(&mark);
        self.line("}");
    }

    fn while_stmt(&mut self, d: u32) {
        let depth = self.expr_depth;
        let (label, prefix) = self.label();
        let weight = self.weight;
        let fuel = self.fresh("fuel");
        let n = 1 + self.rng.below(12);
        let mark = self.mark();
        self.line(format!("let mut {fuel} = 0;"));
        let is_loop = self.rng.one_in(3);
        let mut declared = None;
        if is_loop {
            let ty = self.rng.scalar();
            let name = self.fresh("v");
            let label = self.fresh("'l");
            self.line(format!("let {name} = {label}: loop {{"));
            self.loops.push(LoopScope { label: None });
            // `break` without a value would not do.
            let loops = std::mem::take(&mut self.loops);
            self.indent += 1;
            let inner = self.mark();
            self.weight *= 8;
            self.line(format!("{fuel} += 1;"));
            for _ in 0..2 {
                self.stmt(d);
            }
            let (c, value) = (self.expr(&BOOL, depth - 1), self.bare(&ty, depth));
            self.line(format!("if {c} || {fuel} > {n} {{"));
            self.line(format!("    break {label} {value};"));
            self.line("}");
            self.stmt(d);
            self.restore(&inner);
            self.indent -= 1;
            self.loops = loops;
            self.loops.pop();
            self.line("};");
            declared = Some((name, ty));
        } else {
            let c = self.expr(&BOOL, depth);
            let c = match self.rng.one_in(2) {
                true => format!("{fuel} < {n} && {c}"),
                false => format!("{c} && {fuel} < {n}"),
            };
            self.line(format!("{prefix}while {c} {{"));
            self.loops.push(LoopScope { label });
            self.weight *= 8;
            self.indent += 1;
            self.line(format!("{fuel} += 1;"));
            self.indent -= 1;
            let n = 1 + self.body_len();
            self.nested(n, d);
            self.loops.pop();
            self.line("}");
        }
        self.weight = weight;
        self.restore(&mark);
        if let Some((name, ty)) = declared {
            self.declare(&name, ty, Kind::Value);
        }
    }

    fn closure_stmt(&mut self, d: u32) {
        let n = 1 + self.rng.below(2);
        let inputs: Vec<Ty> = (0..n).map(|_| self.rng.scalar()).collect();
        let ret = self.rng.scalar();
        let name = self.fresh("c");
        let mark = self.mark();
        let mut params = Vec::new();
        for ty in &inputs {
            let x = self.fresh("x");
            self.declare(&x, ty.clone(), Kind::Value);
            params.push(format!("{x}: {ty}"));
        }
        let moves = self.rng.one_in(3);
        if moves {
            for var in &mut self.scope {
                if matches!(var.kind, Kind::SliceMut | Kind::RefMut | Kind::Closure(_)) {
                    var.lock = Lock::Locked;
                }
            }
        }
        // What it changes, if it does.
        let changed = match self.rng.one_in(3) && !moves {
            true => self
                .write_path(&Ty::is_scalar)
                .filter(|path| path.steps.is_empty() && self.scope[path.var].kind == Kind::Value),
            false => None,
        };
        let outer = mark;
        let body = self.repeated(|g| g.inside_closure(|g| g.bare(&ret, d)));
        let body = match &changed {
            Some(path) => {
                let (place, ty) = (self.scope[path.var].name.clone(), path.ty.clone());
                let value = self.inside_closure(|g| g.leaf(&ty));
                match ty {
                    Ty::Int(_) => format!("{{ {place} = {place}.wrapping_add({value}); {body} }}"),
                    _ => format!("{{ {place} = {value}; {body} }}"),
                }
            }
            None => body,
        };
        self.restore(&outer);
        let word = if changed.is_some() { "mut " } else { "" };
        let move_word = if moves { "move " } else { "" };
        self.line(format!(
            "let {word}{name} = {move_word}|{}| {body};",
            params.join(", ")
        ));
        if !moves {
            self.lock_named(&body, Lock::Shared);
        }
        if let Some(path) = &changed {
            self.lock(path.var, Lock::Locked);
        }
        self.declare(&name, ret, Kind::Closure(inputs));
        if changed.is_some() {
            // It can be called, but not by another closure that others share.
            let call = self.scope.len() - 1;
            self.scope[call].mutable = true;
        }
    }

    fn slice_stmt(&mut self, d: u32, block_depth: u32) {
        let mut slices = self.visible();
        slices
            .retain(|&i| self.scope[i].kind == Kind::SliceMut && self.scope[i].lock == Lock::Free);
        let Some(slice) = self.rng.choose(&slices) else {
            return;
        };
        let (name, ty) = (self.scope[slice].name.clone(), self.scope[slice].ty.clone());
        let mark = self.mark();
        self.lock(slice, Lock::Shared);
        let (i, j) = (self.slice_index(slice, d), self.slice_index(slice, d));
        self.lock(slice, Lock::Locked);
        let value = self.bare(&ty, d);
        self.restore(&mark);
        match self.rng.below(9) {
            0 => self.line(format!("{name}.swap({i}, {j});")),
            1 => self.line(format!("{name}.fill({value});")),
            2 => self.line(format!("{name}.reverse();")),
            3 => {
                let n = self.rng.below(3);
                let side = self.rng.pick(&["left", "right"]);
                self.line(format!("{name}.rotate_{side}({n}.min({name}.len()));"));
            }
            4 | 5 if block_depth > 0 => {
                let (a, b) = (self.fresh("left"), self.fresh("right"));
                self.line("{");
                self.indent += 1;
                let at = match self.rng.below(5) {
                    0 => i,
                    _ => format!("{name}.len() / {}", 1 + self.rng.below(3)),
                };
                self.line(format!("let ({a}, {b}) = {name}.split_at_mut({at});"));
                self.lock(slice, Lock::Locked);
                self.declare(&a, ty.clone(), Kind::SliceMut);
                self.declare(&b, ty.clone(), Kind::SliceMut);
                for _ in 0..2 {
                    self.stmt(block_depth - 1);
                }
                if self.rng.one_in(2) {
                    self.line(format!("let n = {a}.len().min({b}.len());"));
                    self.line(format!("{a}[..n].copy_from_slice(&{b}[..n]);"));
                }
                self.restore(&mark);
                self.indent -= 1;
                self.line("}");
            }
            6 if block_depth > 0 => {
                let part = self.fresh("part");
                self.line("{");
                self.indent += 1;
                let low = self.rng.below(3);
                // The length is borrowed before the part is.
                let n = self.fresh("n");
                let bounds = match self.rng.below(3) {
                    0 => format!("{low}.."),
                    1 => {
                        self.line(format!("let {n} = {name}.len().min({low});"));
                        format!("{n}..")
                    }
                    _ => {
                        self.line(format!("let {n} = {name}.len() / 2;"));
                        format!("..{n}")
                    }
                };
                self.line(format!("let {part} = &mut {name}[{bounds}];"));
                self.lock(slice, Lock::Locked);
                self.declare(&part, ty.clone(), Kind::SliceMut);
                for _ in 0..3 {
                    self.stmt(block_depth - 1);
                }
                self.restore(&mark);
                self.indent -= 1;
                self.line("}");
            }
            7 => {
                let end = self.rng.pick(&["first", "last"]);
                self.line(format!(
                    "if let Some(x) = {name}.{end}_mut() {{ *x = {value}; }}"
                ));
            }
            8 => self.line(format!(
                "if let Some(x) = {name}.get_mut({i}) {{ *x = {value}; }}"
            )),
            _ => self.line(format!("{name}[{i}] = {value};")),
        }
    }

    fn assertion(&mut self, d: u32) {
        let ty = self.rng.number();
        let shown = self.leaf(&ty);
        let c = self.expr(&BOOL, d);
        // True more often than not.
        let n = self.rng.below(100);
        let rare = self.bare(&Ty::Int(super::types::U32), d);
        match self.rng.below(6) {
            0 => self.line(format!(
                "assert!({c} || {rare} % 16 != {}, \"{n}: {{}}\", {shown});",
                n % 16
            )),
            1 => {
                // rustc's text of longer conditions has line breaks of its own.
                let (a, b) = (self.leaf(&BOOL), self.leaf(&BOOL));
                self.line(format!("assert!({a} | !{b});"));
            }
            2 => self.line(format!(
                "if {c} && {rare} % 16 == {} {{ panic!(\"at {n}: {{}}\", {shown}); }}",
                n % 16
            )),
            3 => self.line(format!(
                "debug_assert!({c} || {rare} & 15 != {}, \"plain {n}\");",
                n % 16
            )),
            4 => {
                let other = self.leaf(&ty);
                self.line(format!(
                    "if {rare} % 16 == {} {{ assert_eq!({shown}, {other}); }}",
                    n % 16
                ));
            }
            _ => self.line(format!(
                "if {c} && {rare} % 16 == {} {{ unreachable!(); }}",
                n % 16
            )),
        }
    }

    /// `return`, `break` or `continue` behind a condition.
    fn leave(&mut self, d: u32) {
        let c = self.condition(d);
        let target = match self.rng.below(self.loops.len() + 1) {
            0 => None,
            _ => {
                let i = self.rng.below(self.loops.len());
                let inner = i + 1 == self.loops.len();
                let label = self.loops[i].label.clone();
                match (label, inner) {
                    (Some(label), _) => Some(format!(" {label}")),
                    (None, true) => Some(String::new()),
                    (None, false) => None,
                }
            }
        };
        let text = match target {
            Some(label) => {
                let word = self.rng.pick(&["break", "continue"]);
                format!("{word}{label}")
            }
            None if self.returns => {
                let ret = self.ret.clone();
                format!("return {}", self.bare(&ret, d))
            }
            None => return,
        };
        self.line(format!("if {c} {{"));
        self.line(format!("    {text};"));
        self.line("}");
    }

    /// Two variables change places.
    fn swap_stmt(&mut self) {
        let mut vars = self.visible();
        vars.retain(|&i| {
            let var = &self.scope[i];
            var.kind == Kind::Value && var.mutable && var.lock == Lock::Free
        });
        let Some(a) = self.rng.choose(&vars) else {
            return;
        };
        vars.retain(|&b| b != a && self.scope[b].ty == self.scope[a].ty);
        if let Some(b) = self.rng.choose(&vars) {
            let (a, b) = (self.scope[a].name.clone(), self.scope[b].name.clone());
            self.line(format!("std::mem::swap(&mut {a}, &mut {b});"));
        }
    }

    fn block_stmt(&mut self, d: u32) {
        if self.rng.one_in(2) {
            self.line("{");
            let n = self.body_len();
            self.nested(n, d);
            self.line("}");
            return;
        }
        let ty = self.rng.scalar();
        let (name, label) = (self.fresh("v"), self.fresh("'b"));
        let depth = self.expr_depth;
        self.line(format!("let {name} = {label}: {{"));
        self.indent += 1;
        let mark = self.mark();
        // Without labels, what leaves loops cannot leave the block.
        let loops = std::mem::take(&mut self.loops);
        self.stmt(d);
        let (c, first) = (self.condition(depth), self.bare(&ty, depth));
        self.line(format!("if {c} {{"));
        self.line(format!("    break {label} {first};"));
        self.line("}");
        self.stmt(d);
        let last = self.bare(&ty, depth);
        self.line(last);
        self.loops = loops;
        self.restore(&mark);
        self.indent -= 1;
        self.line("};");
        self.declare(&name, ty, Kind::Value);
    }

    fn for_each(&mut self, d: u32) {
        let mark = self.mark();
        let mut vars = self.visible();
        vars.retain(|&i| {
            let var = &self.scope[i];
            var.kind == Kind::Value && var.mutable && var.lock == Lock::Free && var.ty.is_scalar()
        });
        let mutable = self.rng.one_in(2);
        let it = self.iter(d, mutable);
        let pattern = self.item_pattern(&it.item, None);
        vars.retain(|&i| self.scope[i].lock == Lock::Free);
        let target = self.rng.choose(&vars);
        let item = self.scope.last().cloned();
        let change = match (item, target) {
            (Some(item), _) if item.kind == Kind::RefMut && pattern.contains(&item.name) => {
                let value = self.repeated(|g| g.inside_closure(|g| g.bare(&item.ty, d)));
                format!("*{} = {value}", item.name)
            }
            (_, Some(i)) => {
                let (name, ty) = (self.scope[i].name.clone(), self.scope[i].ty.clone());
                let value = self.repeated(|g| g.inside_closure(|g| g.bare(&ty, d)));
                format!("{name} = {value}")
            }
            _ => "()".to_owned(),
        };
        self.restore(&mark);
        self.line(format!(
            "{}.for_each(|{pattern}| {{ {change}; }});",
            it.text
        ));
    }

    fn call_stmt(&mut self, d: u32) {
        let Some(i) = (self.weight < 60).then(|| self.rng.below(self.items.callees.len())) else {
            return;
        };
        let Some(callee) = self.items.callees.get(i).cloned() else {
            return;
        };
        if callee.ret.with_param(&Ty::Bool) != callee.ret {
            return;
        }
        if let Some(call) = self.call_of(&callee, d, None) {
            let name = self.fresh("v");
            self.line(format!("let {name} = {call};"));
            self.declare(&name, callee.ret, Kind::Value);
        }
    }

    /// A reference to a place, used in a block.
    fn reference_stmt(&mut self, d: u32) {
        let Some(path) = self.write_path(&|ty| ty.is_plain()) else {
            return;
        };
        let place = self.render(&path, 1);
        let name = self.fresh("r");
        let mark = self.mark();
        self.line("{");
        self.indent += 1;
        self.line(format!("let {name} = &mut {place};"));
        self.lock_named(&place, Lock::Locked);
        self.declare(&name, path.ty.clone(), Kind::RefMut);
        for _ in 0..2 {
            self.stmt(d);
        }
        self.restore(&mark);
        self.indent -= 1;
        self.line("}");
    }
}

//! Calls: of functions that were generated before, of methods, of closures; what they borrow.

use super::Gen;
use super::scope::{Kind, Lock};
use super::types::{Class, LEN_N, Ty};

impl Gen<'_> {
    /// A call of a function that was generated before.
    pub(crate) fn call(&mut self, ty: &Ty, d: u32) -> Option<String> {
        if self.weight > 60 {
            return None;
        }
        if let Some(own) = self.recursion.clone()
            && own.ret == *ty
            && self.weight <= 8
        {
            return self.call_of(&own, d, None);
        }
        let mut callees: Vec<usize> = (0..self.items.callees.len()).collect();
        callees.retain(|&i| {
            let ret = &self.items.callees[i].ret;
            ret == ty || matches!((ret, ty), (Ty::Param(class), ty) if self.stands_for(*class, ty))
        });
        let callee = self.items.callees[self.rng.choose(&callees)?].clone();
        self.call_of(&callee, d, Some(ty))
    }

    /// Whether a type parameter may stand for a type here.
    fn stands_for(&self, class: Class, ty: &Ty) -> bool {
        super::generic::instances(class).contains(ty)
            || self.param == Some(class) && *ty == Ty::Param(class)
    }

    /// A call; `wanted` is the type that it is to have.
    pub(crate) fn call_of(
        &mut self,
        callee: &super::items::Callee,
        d: u32,
        wanted: Option<&Ty>,
    ) -> Option<String> {
        // What the callee's type parameter stands for.
        let param = callee.params.first().and_then(|param| match param.ty {
            Ty::Param(class) => Some(class),
            _ => None,
        });
        let param = match (param, &callee.ret, wanted) {
            (Some(_), Ty::Param(_), Some(wanted)) => Some(wanted.clone()),
            (Some(class), ret, _) => {
                // Where it shows in the result, that is what the caller's says.
                let own = Ty::Param(class);
                let shows = ret.with_param(&Ty::Bool) != *ret;
                match shows || self.param == Some(class) && self.rng.one_in(2) {
                    true if self.param == Some(class) => Some(own),
                    true => return None,
                    false => self.rng.choose(super::generic::instances(class)),
                }
            }
            (None, ..) => None,
        };
        let instance = param;
        let before: Vec<Lock> = self.scope.iter().map(|var| var.lock).collect();
        let mut args = Vec::new();
        let mut failed = false;
        let n = 1 + self.rng.below(4);
        for param in &callee.params {
            let param = &super::items::Param {
                ty: match &instance {
                    Some(ty) => param.ty.with_param(ty),
                    None => param.ty.with_len(n),
                },
                ..param.clone()
            };
            let arg = match &param.kind {
                Kind::Value if param.name == "level" && self.recursion.is_some() => {
                    Some("(level & 3) - 1".to_owned())
                }
                // Locks say what arguments may still use.
                Kind::Value => Some(self.bare(&param.ty, d)),
                Kind::Closure(inputs) => Some(self.closure_literal(inputs, &param.ty, d)),
                kind => self.borrowed(kind, &param.ty),
            };
            match arg {
                Some(arg) => args.push(arg),
                None => failed = true,
            }
        }
        for (var, lock) in self.scope.iter_mut().zip(before) {
            var.lock = lock;
        }
        if failed {
            return None;
        }
        let Some(owner) = callee.method else {
            return Some(format!("{}({})", callee.name, args.join(", ")));
        };
        let receiver = args[0].trim_start_matches('&').trim_start_matches("mut ");
        if self.rng.one_in(4) || receiver.contains(['*', '{', ' ']) {
            return Some(format!("S{owner}::{}({})", callee.name, args.join(", ")));
        }
        Some(format!(
            "{receiver}.{}({})",
            callee.name,
            args[1..].join(", ")
        ))
    }

    /// An argument that borrows a variable, which is locked from here on.
    fn borrowed(&mut self, kind: &Kind, ty: &Ty) -> Option<String> {
        match kind {
            Kind::Slice | Kind::SliceMut => {
                let exclusive = *kind == Kind::SliceMut;
                if exclusive && !self.effects {
                    return None;
                }
                let mut vars = self.visible();
                vars.retain(|&i| {
                    let var = &self.scope[i];
                    let array = matches!(&var.ty, Ty::Array(elem, _) if **elem == *ty);
                    let fits = match (&var.kind, exclusive) {
                        (Kind::SliceMut, _) | (Kind::Slice, false) => var.ty == *ty,
                        (Kind::Value, _) => array && (var.mutable || !exclusive),
                        (Kind::RefMut, _) | (Kind::Ref, false) => array,
                        _ => false,
                    };
                    fits && var.lock <= if exclusive { Lock::Free } else { Lock::Shared }
                });
                let var = self.rng.choose(&vars)?;
                let name = self.scope[var].name.clone();
                let is_slice = self.scope[var].is_slice();
                let part = match self.rng.below(6) {
                    // The length would be asked for while the slice is borrowed.
                    0 | 1 if exclusive => "[0..]".to_owned(),
                    0 => {
                        let from = self.rng.below(3);
                        format!("[{from}.min({name}.len())..]")
                    }
                    1 => format!("[..{name}.len() / 2]"),
                    2 => "[..]".to_owned(),
                    _ => String::new(),
                };
                self.lock(
                    var,
                    if exclusive {
                        Lock::Locked
                    } else {
                        Lock::Shared
                    },
                );
                // What passes for a slice does not tell rustc a length that is a parameter.
                let any_len = matches!(self.scope[var].ty, Ty::Array(_, LEN_N)) && !is_slice;
                let part = if any_len { "[..]".to_owned() } else { part };
                let word = if exclusive { "&mut " } else { "&" };
                let is_ref = matches!(self.scope[var].kind, Kind::Ref | Kind::RefMut);
                Some(match (is_slice || is_ref, part.is_empty()) {
                    (true, true) => name,
                    _ => format!("{word}{name}{part}"),
                })
            }
            Kind::Ref => {
                let wanted = ty.clone();
                match self.read(&|t| *t == wanted, 0) {
                    Some((place, _)) => {
                        self.lock_named(&place, Lock::Shared);
                        Some(format!("&{place}"))
                    }
                    None => {
                        let e = self.leaf(ty);
                        Some(format!("&{e}"))
                    }
                }
            }
            Kind::RefMut if self.effects => {
                let wanted = ty.clone();
                let (place, _) = self.write(&|t| *t == wanted, 0)?;
                self.lock_named(&place, Lock::Locked);
                Some(format!("&mut {place}"))
            }
            _ => None,
        }
    }

    /// Locks each variable that a text names.
    pub(crate) fn lock_named(&mut self, text: &str, lock: Lock) {
        let names: Vec<&str> = text
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .collect();
        for i in self.visible() {
            if names.contains(&self.scope[i].name.as_str()) {
                self.lock(i, lock);
            }
        }
    }

    pub(crate) fn closure_call(&mut self, ty: &Ty, d: u32) -> Option<String> {
        let mut vars = self.readable();
        vars.retain(|&i| {
            let var = &self.scope[i];
            let called = matches!(var.kind, Kind::Closure(_)) && var.ty == *ty;
            // Those that change variables are not called by what is borrowed itself.
            called && (!var.mutable || self.effects)
        });
        let var = self.rng.choose(&vars)?;
        let Kind::Closure(inputs) = self.scope[var].kind.clone() else {
            return None;
        };
        let name = self.scope[var].name.clone();
        let args: Vec<String> = self.locked(var, Lock::Locked, |g| {
            inputs.iter().map(|ty| g.bare(ty, d)).collect()
        });
        Some(format!("{name}({})", args.join(", ")))
    }

    /// `|x, y| ..`, for an argument.
    pub(crate) fn closure_literal(&mut self, inputs: &[Ty], ret: &Ty, d: u32) -> String {
        let mark = self.mark();
        let mut params = Vec::new();
        for ty in inputs {
            let name = self.fresh("x");
            self.declare(&name, ty.clone(), Kind::Value);
            params.push(name);
        }
        let body = self.inside_closure(|g| g.bare(ret, d));
        self.restore(&mark);
        // What it captures stays borrowed for the whole call.
        self.lock_named(&body, Lock::Shared);
        format!("|{}| {body}", params.join(", "))
    }

    /// Runs where statements cannot leave the function or loops, and nothing outside is changed.
    pub(crate) fn inside_closure<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> R {
        let loops = std::mem::take(&mut self.loops);
        let result = self.pure(run);
        self.loops = loops;
        result
    }
}

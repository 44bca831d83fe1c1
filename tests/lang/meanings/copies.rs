//! A `move` closure that changes what it has captured: each copy has its own.

use super::*;

#[jit]
fn twice(mut f: impl FnMut() -> i32) -> i32 {
    f();
    f()
}

#[jit]
fn sum_of(mut f: impl FnMut(i32) -> i32, n: i32) -> i32 {
    let mut sum = 0;
    for i in 0..n {
        sum += f(i);
    }
    sum
}

#[jit]
fn both(f: impl FnMut(i32) -> i32 + Copy, n: i32) -> i32 {
    sum_of(f, n) * 1000 + sum_of(f, n)
}

#[jit]
fn by_any<F: FnMut() -> i32>(mut f: F) -> i32 {
    twice(&mut f) * 10 + twice(f)
}

#[jit]
fn by_let(x: i32) -> i32 {
    let mut k = x;
    let g = move |x: i32| {
        k += x;
        k
    };
    let mut h = g;
    let mut second = g;
    h(5);
    h(6);
    second(1) * 100 + h(0) + k
}

#[jit]
fn of_the_state_now(x: i32) -> (i32, i32, i32) {
    let mut n = x;
    let mut c = move || {
        n += 1;
        n
    };
    c();
    let mut d = c;
    c();
    c();
    let r = d();
    n = n + 1;
    (r, n, c())
}

#[jit]
fn of_tuples(x: i32) -> i32 {
    let mut state = (x, 0);
    let mut a = move || {
        state.0 += 1;
        state.1 += state.0;
        state.1
    };
    let b = a;
    a();
    a();
    let mut b = b;
    b() * 100 + a()
}

#[jit]
fn as_arguments(x: i32) -> i32 {
    let mut n = x;
    let c = move || {
        n += 1;
        n
    };
    twice(c) * 100 + twice(c)
}

#[jit]
fn as_arguments_of_arguments(x: i32) -> i32 {
    let mut k = x;
    let f = move |i: i32| {
        k += i;
        k
    };
    both(f, 3) + k
}

#[jit]
fn by_reference(x: i32) -> i32 {
    let mut n = x;
    let mut c = move || {
        n += 1;
        n
    };
    let a = twice(&mut c);
    let b = by_any(&mut c) - c();
    let d = by_any(&mut c);
    let r = &mut c;
    r();
    let e = (*r)();
    let mut f = c;
    f();
    ((a * 100 + b) * 100 + d) * 100 + e * 10 + c() + (c)()
}

#[jit]
fn cloned(x: i32) -> i32 {
    let mut n = x;
    let mut c = move || {
        n += 1;
        n
    };
    c();
    let r = &c;
    let mut d = r.clone();
    let mut e = c.clone();
    d();
    d();
    d() * 100 + e() * 10 + c()
}

#[jit]
fn captured(x: i32) -> i32 {
    let mut n = x;
    let mut inner = move || {
        n += 1;
        n
    };
    inner();
    let mut outer = move || inner() * 10 + inner();
    let mut copy = outer;
    outer();
    let a = outer();
    a * 1000 + copy() + inner()
}

#[jit]
fn captured_by_reference(x: i32) -> i32 {
    let mut n = x;
    let mut inner = move || {
        n += 1;
        n
    };
    let mut outer = || inner() * 10 + inner();
    outer();
    let a = outer();
    a * 1000 + inner()
}

#[jit]
fn in_loops(x: i32) -> i32 {
    let mut n = x;
    let mut c = move || {
        n += 1;
        n
    };
    let mut sum = 0;
    for _ in 0..3 {
        let mut copy = c;
        sum = sum * 7 + copy() + copy();
        c();
    }
    sum
}

#[jit]
fn mapped(xs: &[i32], ys: &[i32]) -> i32 {
    let mut n = 0;
    let f = move |x: &i32| {
        n += 1;
        x * n
    };
    let a: i32 = xs.iter().map(f).sum();
    let b: i32 = ys.iter().map(f).sum();
    a * 1000 + b
}

#[jit]
fn mapped_by_reference(xs: &[i32], ys: &[i32]) -> i32 {
    let mut n = 0;
    let mut f = move |x: &i32| {
        n += 1;
        x * n
    };
    let a: i32 = xs.iter().map(&mut f).sum();
    let b: i32 = ys.iter().map(&mut f).sum();
    a * 1000 + b
}

#[jit]
fn arrays(x: i32) -> i32 {
    let mut k = x;
    let f = move |i: i32| {
        k += i;
        k
    };
    let a = [0, 1, 2].map(f);
    let b = [0, 1, 2].map(f);
    a[2] * 100 + b[2]
}

#[jit]
fn iterators(xs: &[i32]) -> i32 {
    let mut n = 0;
    let mut it = xs.iter().map(move |x| {
        n += 1;
        x * n
    });
    it.next();
    let c = it.clone();
    let a: i32 = it.sum();
    let b: i32 = c.sum();
    a * 1000 + b + n
}

#[jit]
fn iterators_not_begun(xs: &[i32]) -> i32 {
    let mut n = 0;
    let it = xs.iter().filter(move |_| {
        n += 1;
        n % 3 != 0
    });
    let c = it.clone();
    it.sum::<i32>() * 1000 + c.sum::<i32>()
}

#[jit]
fn cycles(xs: &[i32]) -> i32 {
    let mut n = 0;
    let mut sum = 0;
    let mapped = xs.iter().map(move |x| {
        n += 1;
        x * n
    });
    for v in mapped.cycle().take(7) {
        sum = sum * 3 + v;
    }
    sum + n
}

#[jit]
fn cycles_within(xs: &[i32]) -> i32 {
    let mut n = 0;
    let f = move |x: i32| {
        n += 1;
        x * n
    };
    let begun = xs.iter().copied().zip(0..).map(|(x, i)| x + i).map(f);
    let mut it = begun.skip(1).cycle();
    it.next();
    let c = it.clone();
    it.take(9).fold(0, |a, b| a * 3 + b) * 2 + c.take(9).fold(0, |a, b| a * 5 + b)
}

#[jit]
fn owns_an_iterator(xs: &[i32]) -> i32 {
    let mut it = xs.iter();
    let mut f = move || it.next().copied().unwrap_or(100);
    f();
    let mut g = f.clone();
    g();
    g();
    f() * 100 + g()
}

#[jit]
fn owns_a_slice(xs: &[i32]) -> i32 {
    let mut rest = xs;
    let mut f = move || {
        rest = &rest[1..];
        rest[0]
    };
    let mut g = f;
    f();
    f();
    g() * 100 + f() * 10 + rest[0]
}

#[test]
fn have_their_own_variables() {
    let (xs, ys) = ([1, 2, 3, 4, 5, 6, 7], [4, 5]);
    same! {
        by_let(3);
        of_the_state_now(3);
        of_tuples(3);
        as_arguments(3);
        as_arguments_of_arguments(3);
        by_reference(3);
        cloned(3);
        captured(3);
        captured_by_reference(3);
        in_loops(3);
        mapped(&xs, &ys);
        mapped_by_reference(&xs, &ys);
        arrays(3);
        iterators(&xs);
        iterators_not_begun(&xs);
        cycles(&xs[..3]);
        cycles_within(&xs[..4]);
        owns_an_iterator(&xs);
        owns_a_slice(&xs);
    }
}

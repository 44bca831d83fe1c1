//! Fields of structs, and arrays in arrays: what differs in any step is another place.

use hotloop::{JitType, jit};

use crate::harness::{Arg, Rng, attack};

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Body {
    at: u64,
    speed: u64,
    near: [u64; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Stats {
    total: u64,
    bits: u64,
    least: u64,
}

impl<'a> Arg<'a> for &'a mut [Body] {
    type Owned = Vec<Body>;
    fn make(rng: &mut Rng) -> Vec<Body> {
        let len = 1 + rng.below(60);
        let mut number = || u64::from(rng.below(50));
        let body = |_| Body {
            at: number(),
            speed: number(),
            near: [number(), number(), number()],
        };
        (0..len).map(body).collect()
    }
    fn lend(owned: &'a mut Vec<Body>) -> &'a mut [Body] {
        owned
    }
    fn seen(owned: &Vec<Body>) -> Vec<u64> {
        let all = |body: &Body| {
            let [a, b, c] = body.near;
            [body.at, body.speed, a, b, c]
        };
        owned.iter().flat_map(all).collect()
    }
}

impl<'a> Arg<'a> for &'a mut Stats {
    type Owned = Stats;
    fn make(rng: &mut Rng) -> Stats {
        Stats {
            total: u64::from(rng.below(9)),
            bits: u64::from(rng.below(9)),
            least: 30,
        }
    }
    fn lend(owned: &'a mut Stats) -> &'a mut Stats {
        owned
    }
    fn seen(owned: &Stats) -> Vec<u64> {
        vec![owned.total, owned.bits, owned.least]
    }
}

impl<'a> Arg<'a> for &'a mut [[u64; 4]] {
    type Owned = Vec<[u64; 4]>;
    fn make(rng: &mut Rng) -> Vec<[u64; 4]> {
        let len = 2 + rng.below(60);
        (0..len)
            .map(|_| [0; 4].map(|_: i32| u64::from(rng.below(50))))
            .collect()
    }
    fn lend(owned: &'a mut Vec<[u64; 4]>) -> &'a mut [[u64; 4]] {
        owned
    }
    fn seen(owned: &Vec<[u64; 4]>) -> Vec<u64> {
        owned.iter().flatten().copied().collect()
    }
}

#[jit(parallel(min_len = 2))]
fn one_field_from_another(bodies: &mut [Body]) {
    for i in 0..bodies.len() {
        let mut pull = 0_u64;
        for j in 0..bodies.len() {
            pull = pull.wrapping_add(bodies[j].at ^ bodies[i].at);
        }
        bodies[i].speed = bodies[i].speed.wrapping_add(pull);
    }
}

#[jit(parallel(min_len = 2))]
fn one_field_from_itself(bodies: &mut [Body]) {
    for i in 0..bodies.len() {
        for j in 0..bodies.len() {
            bodies[i].at = bodies[i].at.wrapping_add(bodies[j].speed ^ bodies[j].at);
        }
    }
}

#[jit(parallel(min_len = 2))]
fn whole_bodies(bodies: &mut [Body]) {
    let n = bodies.len();
    for i in 0..n {
        bodies[i] = bodies[n - 1 - i];
    }
}

#[jit(parallel(min_len = 2))]
fn a_field_of_a_whole_body(bodies: &mut [Body]) {
    for i in 0..bodies.len() - 1 {
        let next = bodies[i + 1];
        bodies[i].speed = next.at;
    }
}

#[jit(parallel(min_len = 2))]
fn neighbours_in_fields(bodies: &mut [Body]) {
    for i in 0..bodies.len() - 1 {
        bodies[i].near[1] = bodies[i + 1].near[0];
    }
}

#[jit(parallel(min_len = 2))]
fn neighbours_in_any_field(k: usize, bodies: &mut [Body]) {
    for i in 0..bodies.len() - 1 {
        bodies[i].near[1] = bodies[i + 1].near[k];
    }
}

#[jit(parallel(min_len = 2))]
fn by_reference(bodies: &mut [Body]) -> u64 {
    let mut most = 0;
    for body in bodies.iter_mut() {
        body.at = body.at.wrapping_mul(body.speed + 1);
        for x in body.near.iter_mut() {
            *x ^= body.at;
        }
        most = most.max(body.near[2]);
    }
    most
}

#[jit(parallel(min_len = 2))]
fn stats_of_a_local(x: &[u64]) -> u64 {
    let mut stats = Stats {
        total: 1,
        bits: 0,
        least: u64::MAX,
    };
    for i in 0..x.len() {
        stats.total = stats.total.wrapping_add(x[i]);
        stats.bits |= x[i];
        stats.least = stats.least.min(x[i]);
    }
    stats.total ^ stats.bits.rotate_left(20) ^ stats.least.rotate_left(40)
}

#[jit(parallel(min_len = 2))]
fn stats_of_the_caller(x: &[u64], stats: &mut Stats) {
    for i in 0..x.len() {
        stats.total = stats.total.wrapping_add(x[i]);
        stats.bits ^= x[i];
        stats.least = stats.least.min(x[i]);
    }
}

#[jit(parallel(min_len = 2))]
fn stats_that_are_replaced(x: &[u64]) -> u64 {
    let mut stats = Stats {
        total: 1,
        bits: 0,
        least: 2,
    };
    for i in 0..x.len() {
        stats.total = stats.total.wrapping_add(x[i]);
        if x[i] == 7 {
            stats = Stats {
                total: stats.bits,
                bits: stats.total,
                least: 3,
            };
        }
    }
    stats.total ^ stats.bits.rotate_left(20) ^ stats.least.rotate_left(40)
}

#[jit(parallel(min_len = 2))]
fn rows_of_arrays(a: &mut [[u64; 4]]) {
    for i in 0..a.len() {
        for j in 1..4 {
            a[i][j] = a[i][j - 1] ^ a[i][j];
        }
    }
}

#[jit(parallel(min_len = 2))]
fn columns_of_arrays(a: &mut [[u64; 4]]) {
    for j in 0..4 {
        for i in 1..a.len() {
            a[i][j] = a[i - 1][j].wrapping_add(a[i][j]);
        }
    }
}

#[jit(parallel(min_len = 2))]
fn places_in_rows(a: &mut [[u64; 4]]) {
    for i in 0..a.len() {
        a[i / 2][i % 2] = a[i][3] ^ i as u64;
    }
}

#[jit(parallel(min_len = 2))]
fn next_rows_by_constants(a: &mut [[u64; 4]]) {
    for i in 0..a.len() - 1 {
        a[i][0] = a[i + 1][1];
    }
}

#[jit(parallel(min_len = 2))]
fn swapped_rows(a: &mut [[u64; 4]]) {
    let n = a.len();
    for i in 0..n / 2 {
        let t = a[i];
        a[i] = a[n - 1 - i];
        a[n - 1 - i] = t;
    }
}

#[test]
fn fields_and_rows() {
    attack!(outer one_field_from_another(bodies: &mut [Body]));
    attack!(serial one_field_from_itself(bodies: &mut [Body]));
    attack!(serial whole_bodies(bodies: &mut [Body]));
    attack!(serial a_field_of_a_whole_body(bodies: &mut [Body]));
    attack!(outer neighbours_in_fields(bodies: &mut [Body]));
    attack!(outer neighbours_in_any_field(k: usize, bodies: &mut [Body]));
    attack!(outer by_reference(bodies: &mut [Body]));
    attack!(outer stats_of_a_local(x: &[u64]));
    attack!(outer stats_of_the_caller(x: &[u64], stats: &mut Stats));
    attack!(serial stats_that_are_replaced(x: &[u64]));
    attack!(outer rows_of_arrays(a: &mut [[u64; 4]]));
    attack!(outer columns_of_arrays(a: &mut [[u64; 4]]));
    attack!(serial places_in_rows(a: &mut [[u64; 4]]));
    attack!(outer next_rows_by_constants(a: &mut [[u64; 4]]));
    attack!(outer swapped_rows(a: &mut [[u64; 4]]));
}

fn main() {
    print!("{}", waybill::schema::sdl());
}

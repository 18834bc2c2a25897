// A link to a page that is to be printed says so in its address.
if (new URLSearchParams(location.search).has("print")) print();

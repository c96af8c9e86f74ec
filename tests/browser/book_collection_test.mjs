// The book collection example in a browser.
import { testBooks } from './books.mjs';

testBooks('the book collection in two windows', 'book-collection', 'service.mjs');

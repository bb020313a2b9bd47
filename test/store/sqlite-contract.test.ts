import { describeStoreContract } from '../store-contract/store-contract.ts';
import { temporarySqlite } from './temporary-database.ts';

describeStoreContract('sqlite', temporarySqlite);
